namespace TaskQueue.Storage.Original;

/// <summary>What comes back in the original's table: what was running as running, since its service would run it a second time as pending.</summary>
internal sealed partial class OriginalTaskTable
{
    // The plus keeps the search off the index of operations, one of which may have removed a million tasks. A log of the first version
    // has no index of ids, and is searched all the same.
    private const string Removed =
        $"FROM {OriginalOperationLog.Schema}.trash WHERE rowid = (SELECT MAX(rowid) FROM {OriginalOperationLog.Schema}.trash WHERE +operation = $operation AND task_id = $id)";

    public override LogSchema? LogForReading(SqlSession session) => _log.ForReading(session);

    public override void NoteRefusal(SqlSession session, string id, Guid token)
    {
        // Its worker asks nobody.
    }

    public override IReadOnlyList<Guid> UntoldWorkers(SqlSession session) => [];

    public override (RunningReturn How, string Note) RunningReturnOf(SqlSession session, QueueTask before, IReadOnlySet<Guid> living, bool forChange) =>
        (RunningReturn.AsItWas, "as before: nothing tells whether the original's worker goes on with it");

    public override void WithdrawStop(SqlSession session, QueueTask before)
    {
        // There are none.
    }

    protected override string FindRemovedSql => $"SELECT {HeadColumns}, {Payload(isIncluded: false)} {Removed}";

    public override void PutBack(SqlSession session, LogSchema log, long operation, string id)
    {
        session.Execute(
            $"""
            INSERT INTO main.task_queue (id, {StoredColumns})
            SELECT CASE WHEN EXISTS (SELECT 1 FROM main.task_queue WHERE task_queue.id = trash.id) THEN NULL ELSE id END, {StoredColumns}
            {Removed}
            """,
            ("$operation", operation),
            ("$id", id));
        session.Execute(
            $"DELETE FROM {log.Name}.trash WHERE +operation = $operation AND task_id = $id", ("$operation", operation), ("$id", id));
    }
}
