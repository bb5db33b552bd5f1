namespace TaskQueue.Storage.Sqlite;

/// <summary>
/// The layout of our own SQLite queues, as the steps that lead to it. A file's <c>user_version</c> is the number of steps it
/// has taken; its <c>application_id</c> says that it is ours.
/// </summary>
internal sealed class SqliteSchema(IReadOnlyList<string> steps)
{
    /// <summary>"TQPS" in ASCII.</summary>
    public const long ApplicationId = 0x54515053;

    /// <summary>The columns a task has, shared by the table of tasks and the trash. Large texts stand last: reading the others need not pass them.</summary>
    private const string TaskColumns =
        """
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
            result           TEXT
        """;

    public static readonly SqliteSchema Current = new(
    [
        $"""
        CREATE TABLE task (
            seq              INTEGER PRIMARY KEY AUTOINCREMENT,
        {TaskColumns},
            UNIQUE (id)
        ) STRICT;

        CREATE INDEX task_ready ON task (type, priority, seq) WHERE ready = 1;
        CREATE INDEX task_due ON task (due_at) WHERE ready = 0;
        CREATE INDEX task_status ON task (status);

        CREATE TABLE trash (
            seq              INTEGER NOT NULL,
        {TaskColumns},
            removed_at       INTEGER NOT NULL,
            operation        INTEGER NOT NULL
        ) STRICT;

        CREATE INDEX trash_removed ON trash (removed_at);
        CREATE INDEX trash_operation ON trash (operation);

        {LogTables("main")}
        """,
    ]);

    public int Version => steps.Count;

    /// <summary>The tables of the operations log, for a database that is known on its connection as <paramref name="schema"/>.</summary>
    public static string LogTables(string schema) =>
        $"""
        CREATE TABLE {schema}.operation (
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

        CREATE TABLE {schema}.event (
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

        CREATE INDEX {schema}.event_task ON event (task_id, seq);
        CREATE INDEX {schema}.event_operation ON event (operation);
        CREATE INDEX {schema}.event_at ON event (at);
        """;

    /// <summary>Throws unless the file is ours and no newer than this product; true if it must be upgraded before it is written.</summary>
    public bool NeedsUpgrade(SqliteSession session, string path)
    {
        var application = session.Number("PRAGMA application_id");
        var version = session.Number("PRAGMA user_version");
        if (application != ApplicationId && !BackupMark.Is(application))
        {
            throw SqliteErrors.NotAQueue(path, "the database belongs to another program");
        }

        if (version > Version)
        {
            throw new QueueFormatException(
                $"'{path}' has layout version {version}; this version of the product knows up to {Version}.",
                "Update the module on this machine. Nothing was changed.");
        }

        return version < Version;
    }

    /// <summary>Brings the file to the current layout. Runs inside the caller's transaction.</summary>
    public void Apply(SqliteSession session)
    {
        for (var version = (int)session.Number("PRAGMA user_version"); version < Version; version++)
        {
            session.ExecuteScript(steps[version]);
        }

        session.ExecuteScript($"PRAGMA user_version = {Version}");
    }
}
