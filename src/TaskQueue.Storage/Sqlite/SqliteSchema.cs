namespace TaskQueue.Storage.Sqlite;

/// <summary>
/// The layout of our own SQLite queues, as the steps that lead to it. A file's <c>user_version</c> is the number of steps it
/// has taken; its <c>application_id</c> says that it is ours.
/// </summary>
internal sealed class SqliteSchema(IReadOnlyList<string> steps)
{
    /// <summary>"TQPS" in ASCII.</summary>
    public const long ApplicationId = 0x54515053;

    /// <summary>The layout before the present one: it can be read, so that its backups can be restored.</summary>
    public static readonly SqliteSchema Former = new([FirstLayout(), AddWorkers()]);

    public static readonly SqliteSchema Current = new([FirstLayout(), AddWorkers(), AddRecoveries()]);

    /// <summary>The columns that tasks had at first.</summary>
    private const string FirstColumns =
        """
        id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, timeout, created_at, due_at, started_at,
        heartbeat_at, lease_expires_at, completed_at, state_since, worker, claim_token, progress, revision, import_revision,
        import_source, progress_message, error_message, data, result
        """;

    /// <summary>Which start of a worker holds a task.</summary>
    private const string Holder =
        """
            worker_id        BLOB,                          -- 16 bytes; see the table worker
            progress_at      INTEGER,                       -- when progress was last reported, at first the claim
        """;

    /// <summary>Whether the attempt has begun, and the recoveries of those before.</summary>
    private const string Recovery =
        """
            begun_at         INTEGER,                       -- when the attempt was known to have begun
            recovered_at     TEXT,                          -- see RecoveryHistory
        """;

    private const string TaskIndexes =
        """
        CREATE INDEX task_ready ON task (type, priority, seq) WHERE ready = 1;
        CREATE INDEX task_due ON task (due_at) WHERE ready = 0;
        CREATE INDEX task_status ON task (status);
        """;

    private const string TrashIndexes =
        """
        CREATE INDEX trash_removed ON trash (removed_at);
        CREATE INDEX trash_operation ON trash (operation);
        """;

    public int Version => steps.Count;

    /// <summary>True if tasks have the columns that came with the present layout.</summary>
    public bool KnowsRecoveries => Version > Former.Version;

    /// <summary>Which events can be undone of a log that does not keep it yet.</summary>
    public const string UndoableKinds = "kind IN ('cancel', 'force cancel', 'cleanup', 'restart', 'remove', 'set', 'undo')";

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

    /// <summary>What the tables of the log got later: which operation an undo undoes, the order of operations by time, and which events can be undone.</summary>
    public static string LogAdditions(string schema) =>
        $"""
        ALTER TABLE {schema}.operation ADD COLUMN undoes TEXT;
        ALTER TABLE {schema}.event ADD COLUMN undoable INTEGER NOT NULL DEFAULT 0; -- 1: an operator decided it, and an undo takes it back
        UPDATE {schema}.event SET undoable = 1 WHERE {UndoableKinds};
        CREATE INDEX {schema}.operation_at ON operation (at);
        CREATE INDEX {schema}.operation_undoes ON operation (undoes) WHERE undoes IS NOT NULL;
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
                "Update this product on this machine. Nothing was changed.");
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

    private static string FirstLayout() =>
        $"""
        CREATE TABLE task (
            seq              INTEGER PRIMARY KEY AUTOINCREMENT,
        {TaskColumns(holder: "")},
            UNIQUE (id)
        ) STRICT;

        {TaskIndexes}

        CREATE TABLE trash (
            seq              INTEGER NOT NULL,
        {TaskColumns(holder: "")},
            removed_at       INTEGER NOT NULL,
            operation        INTEGER NOT NULL
        ) STRICT;

        {TrashIndexes}

        {LogTables("main")}
        """;

    /// <summary>
    /// Which start of a worker holds a task, the workers themselves, the stops they are to be told, and the undo of operations.
    /// </summary>
    private static string AddWorkers() =>
        $"""
        {Rebuild(Holder, FirstColumns, FirstColumns)}

        CREATE TABLE worker (
            id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16),
            machine        TEXT NOT NULL,
            boot           TEXT,
            namespace      TEXT,
            process_id     INTEGER NOT NULL,
            process_start  INTEGER,
            user           TEXT NOT NULL,
            kind           TEXT NOT NULL,
            started_at     INTEGER NOT NULL,
            heartbeat_at   INTEGER NOT NULL,
            lease_ms       INTEGER NOT NULL,
            concurrency    INTEGER NOT NULL,
            types          TEXT NOT NULL,                   -- a JSON array
            is_draining    INTEGER NOT NULL,
            stop_requested INTEGER NOT NULL DEFAULT 0,      -- 0: no, 1: drain, 2: force
            progress_timeouts TEXT NOT NULL                 -- a JSON object: type to milliseconds
        ) STRICT, WITHOUT ROWID;

        -- One token may have ended two claims: a client that asks again with tokens it has used gets other tasks under them.
        CREATE TABLE stop (
            token        BLOB NOT NULL CHECK (length(token) = 16),
            task_id      TEXT NOT NULL,
            worker_id    BLOB NOT NULL CHECK (length(worker_id) = 16),
            requested_at INTEGER NOT NULL,
            delivered_at INTEGER,
            confirmed_at INTEGER,
            outcome      TEXT,
            refused_at   INTEGER,                           -- when a result or release of the claim was refused: its worker knows by itself
            PRIMARY KEY (token, task_id)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX stop_open ON stop (worker_id) WHERE confirmed_at IS NULL;

        {LogAdditions("main")}
        """;

    /// <summary>Whether attempts have begun, the recoveries of a task, and the leases that are watched. What runs while the queue is upgraded counts as begun.</summary>
    private static string AddRecoveries()
    {
        const string Columns = FirstColumns + ", worker_id, progress_at";
        return $"""
            {Rebuild($"{Holder}\n{Recovery}", $"{Columns}, begun_at", $"{Columns}, CASE status WHEN 'running' THEN started_at END")}

            CREATE TABLE lease_watch (
                token            BLOB PRIMARY KEY NOT NULL CHECK (length(token) = 16),
                lease_expires_at INTEGER NOT NULL,              -- the lease that was seen
                watched_ms       INTEGER NOT NULL,              -- for how long it was seen unrenewed
                seen_at          INTEGER NOT NULL,              -- the last time, by the queue's clock
                boot             TEXT,                          -- the machine's start to which uptime_ms belongs
                uptime_ms        INTEGER NOT NULL               -- the same time by the clock of that machine that never jumps
            ) STRICT, WITHOUT ROWID;
            """;
    }

    /// <summary>
    /// Makes the tables of tasks anew with further columns: one that is merely added would stand behind the large texts.
    /// </summary>
    /// <param name="further">The columns beyond the first.</param>
    /// <param name="filled">Those that get a value.</param>
    /// <param name="values">Their values, from a row of the former table.</param>
    private static string Rebuild(string further, string filled, string values) =>
        $"""
        ALTER TABLE task RENAME TO former_task;
        CREATE TABLE task (
            seq              INTEGER PRIMARY KEY AUTOINCREMENT,
        {TaskColumns(further)},
            UNIQUE (id)
        ) STRICT;
        INSERT INTO task (seq, {filled}) SELECT seq, {values} FROM former_task ORDER BY seq;

        -- The keys go on where they were, also where the newest rows are gone: a key that was given never comes again.
        DELETE FROM sqlite_sequence WHERE name = 'task';
        UPDATE sqlite_sequence SET name = 'task' WHERE name = 'former_task';
        DROP TABLE former_task;
        {TaskIndexes}

        ALTER TABLE trash RENAME TO former_trash;
        CREATE TABLE trash (
            seq              INTEGER NOT NULL,
        {TaskColumns(further)},
            removed_at       INTEGER NOT NULL,
            operation        INTEGER NOT NULL
        ) STRICT;
        INSERT INTO trash (seq, {filled}, removed_at, operation)
        SELECT seq, {values}, removed_at, operation FROM former_trash ORDER BY rowid;
        DROP TABLE former_trash;
        {TrashIndexes}
        CREATE INDEX trash_task ON trash (id);
        """;

    /// <summary>
    /// The columns a task has, shared by the table of tasks and the trash. Large texts stand last: reading the others need not pass them.
    /// </summary>
    private static string TaskColumns(string holder) =>
        $"""
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
        {holder}
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
}
