using TaskQueue.Storage;

namespace TaskQueue.Tests.Sqlite;

/// <summary>The layout of a later version of the product, which has one step more than the present one.</summary>
internal static class LaterLayout
{
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
        CREATE INDEX trash_task ON trash (id);
        """;

    /// <summary>
    /// One that makes the tables of tasks anew with a column more, as a later version has to where a column is not to stand at the end.
    /// </summary>
    public static SqliteSchema WithNote { get; } = With(
        $"{Rebuild("task", "seq", TaskIndexes)}\n{Rebuild("trash", "rowid", TrashIndexes)}");

    /// <summary>One with a table more.</summary>
    public static SqliteSchema WithTable { get; } = With("CREATE TABLE extra (x INTEGER)");

    public static SqliteSchema With(string step) => new(new LayoutVersions([.. SqliteSchema.Current.Versions.Steps, new LayoutStep(step)]));

    private static string Rebuild(string table, string order, string indexes)
    {
        var first = SqliteSchema.Current.Versions.Steps[0].Sql;
        var start = first.IndexOf($"CREATE TABLE {table} (", StringComparison.Ordinal);
        var definition = first[start..(first.IndexOf(") STRICT;", start, StringComparison.Ordinal) + ") STRICT;".Length)];
        var longer = definition.Replace(
            "    progress_message TEXT,", "    note             TEXT,\n    progress_message TEXT,", StringComparison.Ordinal);
        const string Columns =
            """
            seq, id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, timeout, created_at, due_at, started_at,
            heartbeat_at, lease_expires_at, completed_at, state_since, worker, worker_id, progress_at, begun_at, recovered_at, claim_token,
            progress, revision, import_revision, import_source, progress_message, error_message, data, result
            """;
        var columns = table is "trash" ? $"{Columns}, removed_at, operation" : Columns;
        return
            $"""
            ALTER TABLE {table} RENAME TO former_{table};
            {longer}
            INSERT INTO {table} ({columns}) SELECT {columns} FROM former_{table} ORDER BY {order};
            -- The keys go on where they were, also where the newest rows are gone.
            DELETE FROM sqlite_sequence WHERE name = '{table}';
            UPDATE sqlite_sequence SET name = '{table}' WHERE name = 'former_{table}';
            DROP TABLE former_{table};
            {indexes}
            """;
    }
}
