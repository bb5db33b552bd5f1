namespace TaskQueue.Storage;

/// <summary>The log and the trash of the native layout: they lie beside the tasks.</summary>
/// <param name="tasks">The table of tasks.</param>
/// <param name="dialect">The database's SQL.</param>
internal class NativeHistoryTables(NativeTaskTable tasks, SqlDialect dialect) : HistoryTables
{
    private readonly LogSchema _log = new(dialect.Schema, dialect);

    private readonly string _keeping =
        $"""
        INSERT INTO {dialect.Schema}.trash (seq, {TaskColumns.Names}, removed_at, operation)
        SELECT seq, {TaskColumns.Names}, CAST($removed_at AS BIGINT), CAST($operation AS BIGINT) FROM {dialect.Schema}.task WHERE seq = $seq
        """;

    private readonly string _finding = $"SELECT {tasks.Head.Sql} {Removed(dialect)}";
    private readonly string _findingWhole = $"SELECT {tasks.Whole.Sql} {Removed(dialect)}";

    private readonly string _puttingBack =
        $"""
        INSERT INTO {dialect.Schema}.task (seq, {TaskColumns.Names})
        SELECT CASE WHEN EXISTS (SELECT 1 FROM {dialect.Schema}.task WHERE task.seq = trash.seq) THEN {dialect.NextSeq} ELSE seq END,
               {string.Join(", ", TaskColumns.All.Select(ValueBack))}
        {Removed(dialect)}
        """;

    private readonly string _emptying =
        $"DELETE FROM {dialect.Schema}.trash{dialect.IndexHint("trash_task")} WHERE operation = $operation AND id = $id";

    public override LogSchema OpenLog(SqlSession session) => _log;

    public override LogSchema? LogForReading(SqlSession session) => _log;

    public override void Keep(SqlSession session, long seq, OperationLog operation) => session.Write(
        _keeping, ("$removed_at", operation.At.ToStored()), ("$operation", operation.Begin()), ("$seq", seq));

    public override QueueTask? FindRemoved(SqlSession session, long operation, string id, bool includePayload) => session
        .Rows(
            includePayload ? _findingWhole : _finding,
            row => tasks.ReadRow(row, includePayload, session.Now).Task,
            ("$operation", operation),
            ("$id", id))
        .FirstOrDefault();

    public override void PutBack(SqlSession session, long operation, QueueTask removed)
    {
        session.Write(_puttingBack, ("$operation", operation), ("$id", removed.Id));
        session.Write(_emptying, ("$operation", operation), ("$id", removed.Id));
        session.Counts.Added(removed);
    }

    // A task comes back with a revision that no earlier object of it carries.
    private static string ValueBack(TaskColumn column) => column == TaskColumns.Revision ? $"{column.Sql.Name} + 1" : column.Sql.Name;

    // The newest row, in case one operation has removed an id twice. An operation may have removed a million tasks, so the search uses the
    // index of ids.
    private static string Removed(SqlDialect dialect) =>
        $"""
        FROM {dialect.Schema}.trash
        WHERE {dialect.TrashKey} = (
            SELECT MAX({dialect.TrashKey}) FROM {dialect.Schema}.trash{dialect.IndexHint("trash_task")}
            WHERE operation = $operation AND id = $id)
        """;
}
