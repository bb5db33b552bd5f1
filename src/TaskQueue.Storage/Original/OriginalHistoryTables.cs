namespace TaskQueue.Storage;

/// <summary>The log and the trash of a queue in the original's layout: both lie in a file beside it.</summary>
/// <param name="log">The file.</param>
/// <param name="tasks">The table of tasks.</param>
internal sealed class OriginalHistoryTables(OriginalOperationLog log, OriginalTaskTable tasks) : HistoryTables
{
    // The plus keeps the search off the index of operations: one operation may have removed a million tasks. A log of the first version has
    // no index of ids, and is searched row by row.
    private const string Removed =
        $"""
        FROM {OriginalOperationLog.Schema}.trash
        WHERE rowid = (SELECT MAX(rowid) FROM {OriginalOperationLog.Schema}.trash WHERE +operation = $operation AND task_id = $id)
        """;

    public override LogSchema OpenLog(SqlSession session) => log.Open(session);

    public override LogSchema? LogForReading(SqlSession session) => log.ForReading(session);

    public override void Keep(SqlSession session, long seq, OperationLog operation)
    {
        // First, because the log may have to be opened for it.
        var key = operation.Begin();
        session.Execute(
            $"""
            INSERT INTO {OriginalOperationLog.Schema}.trash (id, {OriginalColumn.NamesWithoutKey}, removed_at, operation)
            SELECT id, {OriginalColumn.NamesWithoutKey}, $removed_at, $operation FROM main.task_queue WHERE id = $id
            """,
            ("$removed_at", operation.At.ToUnixTimeMilliseconds()),
            ("$operation", key),
            ("$id", seq));
    }

    public override QueueTask? FindRemoved(SqlSession session, long operation, string id, bool includePayload) => session
        .Rows(
            $"SELECT {(includePayload ? OriginalColumn.WholeSql : OriginalColumn.HeadSql)} {Removed}",
            row => tasks.ReadRow(row, includePayload, session.Now).Task,
            ("$operation", operation),
            ("$id", id))
        .FirstOrDefault();

    // The original's service would run a pending task a second time. So what was running comes back as running.
    public override void PutBack(SqlSession session, long operation, QueueTask removed)
    {
        session.Execute(
            $"""
            INSERT INTO main.task_queue (id, {OriginalColumn.NamesWithoutKey})
            SELECT CASE WHEN EXISTS (SELECT 1 FROM main.task_queue WHERE task_queue.id = trash.id) THEN NULL ELSE id END,
                   {OriginalColumn.NamesWithoutKey}
            {Removed}
            """,
            ("$operation", operation),
            ("$id", removed.Id));
        session.Execute(
            $"DELETE FROM {OriginalOperationLog.Schema}.trash WHERE +operation = $operation AND task_id = $id",
            ("$operation", operation),
            ("$id", removed.Id));
    }
}
