using Microsoft.Data.Sqlite;

namespace TaskQueue.Tests.Sqlite;

/// <summary>A queue as a build before the first release left it: its layout to the letter.</summary>
internal static class UnreleasedQueue
{
    private const string Tables =
        """
        CREATE TABLE task (
            seq              INTEGER PRIMARY KEY AUTOINCREMENT,
            id               TEXT NOT NULL,
            type             TEXT NOT NULL,
            status           TEXT NOT NULL CHECK (status IN ('pending', 'retry', 'running', 'success', 'failed', 'cancelled')),
            priority         INTEGER NOT NULL,
            ready            INTEGER,                       -- 1: may be claimed, 0: waits for due_at, NULL: waits for nothing
            retry_count      INTEGER NOT NULL,
            max_retries      INTEGER NOT NULL,
            attempt          INTEGER NOT NULL,
            recoveries       INTEGER NOT NULL,
            timeout          INTEGER,                       -- milliseconds
            created_at       INTEGER NOT NULL,              -- this and all times: unix milliseconds, UTC
            due_at           INTEGER NOT NULL,
            started_at       INTEGER,
            heartbeat_at     INTEGER,
            lease_expires_at INTEGER,
            completed_at     INTEGER,
            state_since      INTEGER NOT NULL,
            worker           TEXT,
            claim_token      BLOB,                          -- 16 bytes
            progress         REAL,
            revision         INTEGER NOT NULL,
            import_revision  INTEGER,                       -- the revision an import gave: as long as both are equal nothing changed here since
            import_source    TEXT,                          -- the revision of the task in the queue it came from
            progress_message TEXT,
            error_message    TEXT,
            data             TEXT,
            result           TEXT,
            UNIQUE (id)
        ) STRICT;

        CREATE INDEX task_ready ON task (type, priority, seq) WHERE ready = 1;
        CREATE INDEX task_due ON task (due_at) WHERE ready = 0;
        CREATE INDEX task_status ON task (status);

        CREATE TABLE trash (
            seq              INTEGER NOT NULL,
            id               TEXT NOT NULL,
            type             TEXT NOT NULL,
            status           TEXT NOT NULL CHECK (status IN ('pending', 'retry', 'running', 'success', 'failed', 'cancelled')),
            priority         INTEGER NOT NULL,
            ready            INTEGER,                       -- 1: may be claimed, 0: waits for due_at, NULL: waits for nothing
            retry_count      INTEGER NOT NULL,
            max_retries      INTEGER NOT NULL,
            attempt          INTEGER NOT NULL,
            recoveries       INTEGER NOT NULL,
            timeout          INTEGER,                       -- milliseconds
            created_at       INTEGER NOT NULL,              -- this and all times: unix milliseconds, UTC
            due_at           INTEGER NOT NULL,
            started_at       INTEGER,
            heartbeat_at     INTEGER,
            lease_expires_at INTEGER,
            completed_at     INTEGER,
            state_since      INTEGER NOT NULL,
            worker           TEXT,
            claim_token      BLOB,                          -- 16 bytes
            progress         REAL,
            revision         INTEGER NOT NULL,
            import_revision  INTEGER,                       -- the revision an import gave: as long as both are equal nothing changed here since
            import_source    TEXT,                          -- the revision of the task in the queue it came from
            progress_message TEXT,
            error_message    TEXT,
            data             TEXT,
            result           TEXT,
            removed_at       INTEGER NOT NULL,
            operation        INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX trash_removed ON trash (removed_at);
        CREATE INDEX trash_operation ON trash (operation);

        CREATE TABLE operation (
            seq        INTEGER PRIMARY KEY AUTOINCREMENT,
            id         TEXT NOT NULL UNIQUE,
            kind       TEXT NOT NULL,
            at         INTEGER NOT NULL,
            user       TEXT NOT NULL,
            machine    TEXT NOT NULL,
            process_id INTEGER NOT NULL,
            command    TEXT NOT NULL,
            reason     TEXT
        ) STRICT;

        CREATE TABLE event (
            seq       INTEGER PRIMARY KEY AUTOINCREMENT,
            at        INTEGER NOT NULL,
            operation INTEGER NOT NULL,
            task_id   TEXT NOT NULL,
            kind      TEXT NOT NULL,
            before    TEXT,                                 -- JSON: the fields that changed, as they were
            after     TEXT,                                 -- JSON: the same fields, as they are
            revision  TEXT,                                 -- of the task after the change
            details   TEXT
        ) STRICT;

        CREATE INDEX event_task ON event (task_id, seq);
        CREATE INDEX event_operation ON event (operation);
        CREATE INDEX event_at ON event (at);
        """;

    /// <summary>Makes a file of three tasks, and a fourth, the newest, in the trash.</summary>
    /// <param name="path">The file.</param>
    /// <param name="number">What the build stored as the number of its layout: 1 to 3.</param>
    public static void Create(string path, int number)
    {
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            $"""
            PRAGMA auto_vacuum = INCREMENTAL;
            PRAGMA journal_mode = WAL;
            BEGIN;
            {Tables}
            {Task(3, "'running'", "x'000102030405060708090a0b0c0d0e0f'")};
            {Task(5, "'pending'", "NULL")};
            {Task(4, "'success'", "NULL")};
            {Task(9, "'failed'", "NULL")};
            INSERT INTO trash SELECT *, 1764000009000, 1 FROM task WHERE seq = 9;
            DELETE FROM task WHERE seq = 9;
            INSERT INTO operation VALUES (1, 'op-1', 'remove', 1764000009000, 'ops', 'web01', 1, 'Remove-QueueTask', 'old');
            INSERT INTO event VALUES (7, 1764000009000, 1, 'task-9', 'remove', NULL, NULL, NULL, NULL);
            PRAGMA application_id = 0x54515053;
            PRAGMA user_version = {number};
            COMMIT;
            """;
        command.ExecuteNonQuery();
    }

    /// <summary>A row in which every column has a value of its own, where its status allows.</summary>
    private static string Task(int seq, string status, string token) =>
        $"""
        INSERT INTO task
        VALUES ({seq}, 'task-{seq}', 'type-{seq}', {status}, {seq % 10}, IIF({status} = 'pending', 1, NULL), 1, 2, 3, 4, 5000, 1764000000000 + {seq},
                1764000001000, 1764000002000, 1764000003000, 1764000004000, NULL, 1764000005000, 'web01:4711', {token}, 12.5, {seq}00, {seq}00,
                'source-{seq}', 'message-{seq}', 'error-{seq}', '[{seq}]', '[1,{seq}]')
        """;
}
