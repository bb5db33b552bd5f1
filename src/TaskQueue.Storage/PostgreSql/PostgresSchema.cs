using System.Text.RegularExpressions;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// The layout of queues on a PostgreSQL server, as the steps that lead to it. The table <c>layout</c> of a queue's schema holds the number
/// of steps it has taken.
/// </summary>
/// <param name="name">The queue's schema.</param>
/// <param name="steps">Each a script that brings the layout one version on; it is given the quoted name of the schema.</param>
internal sealed partial class PostgresSchema(string name, IReadOnlyList<Func<string, string>> steps)
{
    /// <summary>The newest layout.</summary>
    public static readonly IReadOnlyList<Func<string, string>> CurrentSteps = [FirstLayout, AddRecoveries, AddLayoutKey];

    /// <summary>True if tasks have the columns that came with the second layout.</summary>
    public static bool KnowsRecoveries(int version) => version > 1;

    private readonly string _schema = PostgresDialect.Quoted(name);

    public int Version => steps.Count;

    /// <summary>The statement that tells a queue's version; the layout's table is missing where there is no queue.</summary>
    public string VersionSql => $"SELECT coalesce(max(version), 0) FROM {_schema}.layout";

    /// <summary>Throws if a version is newer than this product; true if it must be upgraded before the queue is written.</summary>
    public bool NeedsUpgrade(int version, string queue) => version > Version
        ? throw new QueueFormatException(
            $"'{queue}' has layout version {version}; this version of the product knows up to {Version}.",
            "Update this product on this machine. Nothing was changed.")
        : version < Version;

    /// <summary>The version of the queue's layout; null if there is no queue.</summary>
    /// <exception cref="QueueFormatException">The schema belongs to another program.</exception>
    public int? VersionOf(PostgresSession session, string queue)
    {
        var tables = Tables(session);
        if (tables.Count == 0)
        {
            return null;
        }

        return tables.Contains("layout") && tables.Contains("task")
            ? (int)session.Number(VersionSql)
            : throw new QueueFormatException(
                $"The schema '{name}' of '{queue}' is no task queue: it belongs to another program.", "Name another schema for the queue, with schema= in its location.");
    }

    /// <summary>Makes the queue where there is none, or brings it to the current layout, in the present transaction; one session at a time.</summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="queue">The queue's location.</param>
    /// <param name="isPlain">See <see cref="PostgresAbilities.IsPlain"/>: without a lock by number, and without storage parameters.</param>
    /// <param name="beforeUpgrade">Called with its version before an older layout is changed.</param>
    public void Apply(PostgresSession session, string queue, bool isPlain, Action<int> beforeUpgrade)
    {
        Lock(session, isPlain);
        var version = VersionOf(session, queue);
        if (version is { } known && !NeedsUpgrade(known, queue))
        {
            return;
        }

        if (version is null)
        {
            EnsureUnicode(session, queue);
            session.ExecuteScript($"CREATE SCHEMA IF NOT EXISTS {_schema}; CREATE TABLE {_schema}.layout (version integer NOT NULL); INSERT INTO {_schema}.layout VALUES (0)");
        }
        else
        {
            beforeUpgrade(version.Value);
        }

        foreach (var step in steps.Skip(version ?? 0))
        {
            var script = step(_schema);
            session.ExecuteScript(isPlain ? StorageParameters().Replace(script, ")") : script);
        }

        session.Execute($"UPDATE {_schema}.layout SET version = $version", ("$version", Version));
    }

    private List<string> Tables(PostgresSession session) => session.Rows(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $name AND c.relkind IN ('r', 'p')",
        row => row.GetString(0),
        ("$name", name));

    private void Lock(PostgresSession session, bool isPlain)
    {
        if (!isPlain)
        {
            session.Number("SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended($key, 0))) AS locked", ("$key", $"TaskQueue {name}"));
        }
        else if (Tables(session).Contains("receipt"))
        {
            // Whoever else adds this row waits. None of the steps changes its table, and no other of ours was read yet: a step that changes one waits for nobody.
            // Where there is no queue yet, the name of its schema can be taken by one session only: the other begins again, and finds it.
            session.Execute(
                $"INSERT INTO {_schema}.receipt (slot, number, at) VALUES (CAST($slot AS uuid), 0, 0) ON CONFLICT (slot) DO UPDATE SET at = excluded.at", ("$slot", Guid.Empty));
        }
    }

    [GeneratedRegex(@"\)\s*WITH\s*\([^;]*\)(?=;)", RegexOptions.CultureInvariant)]
    private static partial Regex StorageParameters();

    private static void EnsureUnicode(PostgresSession session, string queue)
    {
        if (session.Text("SELECT current_setting('server_encoding')") is not "UTF8" and var encoding)
        {
            throw new QueueFormatException(
                $"The database of '{queue}' has the encoding {encoding}, in which not every text can be kept.", "Make one with the encoding UTF8, such as with createdb -E UTF8.");
        }
    }

    private static string FirstLayout(string schema) =>
        $"""
        CREATE TABLE {schema}.task (
            seq bigint GENERATED BY DEFAULT AS IDENTITY (SEQUENCE NAME {schema}.task_seq) PRIMARY KEY,
        {TaskColumns},
            UNIQUE (id)
        ) WITH (
            -- Room on each page for the next version of a row: a heartbeat then touches no index.
            fillfactor = 80,
            autovacuum_vacuum_scale_factor = 0.02,
            autovacuum_analyze_scale_factor = 0.02
        );

        -- The sum keeps a statement on such an index, whatever the server knows of the table: no other one has its order.
        CREATE INDEX task_ready ON {schema}.task (type, priority, (seq + 0)) WHERE ready = 1;
        CREATE INDEX task_due ON {schema}.task (due_at) WHERE ready = 0;
        CREATE INDEX task_status ON {schema}.task (status, (seq + 0));

        CREATE TABLE {schema}.trash (
            place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            seq bigint NOT NULL,
        {TaskColumns},
            removed_at bigint NOT NULL,
            operation bigint NOT NULL
        );

        CREATE INDEX trash_removed ON {schema}.trash (removed_at);
        CREATE INDEX trash_operation ON {schema}.trash (operation);
        CREATE INDEX trash_task ON {schema}.trash (id, place);

        CREATE TABLE {schema}.operation (
            seq        bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            id         text NOT NULL UNIQUE,
            kind       text NOT NULL,
            at         bigint NOT NULL,
            "user"     text NOT NULL,
            machine    text NOT NULL,
            process_id bigint NOT NULL,
            command    text NOT NULL,
            reason     text,
            undoes     text
        );

        CREATE INDEX operation_at ON {schema}.operation (at, seq);
        CREATE INDEX operation_undoes ON {schema}.operation (undoes) WHERE undoes IS NOT NULL;

        CREATE TABLE {schema}.event (
            seq       bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            at        bigint NOT NULL,
            operation bigint NOT NULL,
            task_id   text COLLATE "C" NOT NULL,
            kind      text NOT NULL,
            undoable  bigint NOT NULL DEFAULT 0,         -- 1: an operator decided it, and an undo takes it back
            before    text,                              -- JSON: the fields that changed, as they were
            after     text,                              -- JSON: the same fields, as they are
            revision  text,                              -- of the task after the change
            details   text
        );

        CREATE INDEX event_task ON {schema}.event (task_id, seq);
        CREATE INDEX event_operation ON {schema}.event (operation, (seq + 0));
        CREATE INDEX event_at ON {schema}.event (at);

        CREATE TABLE {schema}.worker (
            id             uuid PRIMARY KEY,
            machine        text NOT NULL,
            boot           text,
            namespace      text,
            process_id     bigint NOT NULL,
            process_start  bigint,
            "user"         text NOT NULL,
            kind           text NOT NULL,
            started_at     bigint NOT NULL,
            heartbeat_at   bigint NOT NULL,
            lease_ms       bigint NOT NULL,
            concurrency    bigint NOT NULL,
            types          text NOT NULL,                -- a JSON array
            is_draining    bigint NOT NULL,
            stop_requested bigint NOT NULL DEFAULT 0,    -- 0: no, 1: drain, 2: force
            progress_timeouts text NOT NULL              -- a JSON object: type to milliseconds
        ) WITH (fillfactor = 50);

        -- One token may have ended two claims: a client that asks again with tokens it has used gets other tasks under them.
        CREATE TABLE {schema}.stop (
            token        uuid NOT NULL,
            task_id      text COLLATE "C" NOT NULL,
            worker_id    uuid NOT NULL,
            requested_at bigint NOT NULL,
            delivered_at bigint,
            confirmed_at bigint,
            outcome      text,
            refused_at   bigint,                         -- when a result or release of the claim was refused: its worker knows by itself
            PRIMARY KEY (token, task_id)
        );

        CREATE INDEX stop_open ON {schema}.stop (worker_id) WHERE confirmed_at IS NULL;

        CREATE TABLE {schema}.receipt (
            slot   uuid PRIMARY KEY,
            number bigint NOT NULL,                      -- of the last transaction that was committed with this slot
            at     bigint NOT NULL
        ) WITH (fillfactor = 50);
        """;

    /// <summary>Whether attempts have begun, the recoveries of a task, and the leases that are watched. What runs while the queue is upgraded counts as begun.</summary>
    private static string AddRecoveries(string schema) =>
        $"""
        ALTER TABLE {schema}.task
            ADD COLUMN begun_at     bigint,              -- when the attempt was known to have begun
            ADD COLUMN recovered_at text;                -- see RecoveryHistory
        ALTER TABLE {schema}.trash
            ADD COLUMN begun_at     bigint,
            ADD COLUMN recovered_at text;
        UPDATE {schema}.task SET begun_at = started_at WHERE status = 'running';
        UPDATE {schema}.trash SET begun_at = started_at WHERE status = 'running';

        CREATE TABLE {schema}.lease_watch (
            token            uuid PRIMARY KEY,
            lease_expires_at bigint NOT NULL,            -- the lease that was seen
            watched_ms       bigint NOT NULL,            -- for how long it was seen unrenewed
            seen_at          bigint NOT NULL,            -- the last time, by the queue's clock
            boot             text,                       -- the machine's start to which uptime_ms belongs
            uptime_ms        bigint NOT NULL             -- the same time by the clock of that machine that never jumps
        ) WITH (fillfactor = 50);
        """;

    /// <summary>A key for the only table that had none: logical replication needs one of each table that is changed.</summary>
    private static string AddLayoutKey(string schema) => $"ALTER TABLE {schema}.layout ADD PRIMARY KEY (version);";

    // Names are compared byte by byte, so that an index does not depend on the language rules of the server's system.
    private const string TaskColumns =
        """
            id               text COLLATE "C" NOT NULL,
            type             text COLLATE "C" NOT NULL,
            status           text COLLATE "C" NOT NULL CHECK (status IN ('pending', 'retry', 'running', 'success', 'failed', 'cancelled')),
            priority         bigint NOT NULL,
            ready            bigint,                     -- 1: may be claimed, 0: waits for due_at, NULL: waits for nothing
            retry_count      bigint NOT NULL,
            max_retries      bigint NOT NULL,
            attempt          bigint NOT NULL,
            recoveries       bigint NOT NULL,
            timeout          bigint,                     -- milliseconds
            created_at       bigint NOT NULL,            -- this and all times: unix milliseconds, UTC
            due_at           bigint NOT NULL,
            started_at       bigint,
            heartbeat_at     bigint,
            lease_expires_at bigint,
            completed_at     bigint,
            state_since      bigint NOT NULL,
            worker           text,
            worker_id        uuid,                       -- see the table worker
            progress_at      bigint,                     -- when progress was last reported, at first the claim
            claim_token      uuid,
            progress         double precision,
            revision         bigint NOT NULL,
            import_revision  bigint,                     -- the revision an import gave: as long as both are equal nothing changed here since
            import_source    text,                       -- the revision of the task in the queue it came from
            progress_message text,
            error_message    text,
            data             text,
            result           text
        """;
}
