namespace TaskQueue.Storage.Own;

/// <summary>What comes back: claims whose stop is withdrawn, and removed rows.</summary>
internal abstract partial class OwnTaskTable
{
    // The newest, if one operation has removed an id twice. An operation may have removed a million tasks: only the index of ids will do.
    private string Removed =>
        $"FROM {Trash} WHERE {TrashKey} = (SELECT MAX({TrashKey}) FROM {Trash}{dialect.By("trash_task")} WHERE operation = $operation AND id = $id)";

    public override void NoteRefusal(SqlSession session, string id, Guid token) => _stops.NoteRefusal(session, id, token);

    public override IReadOnlyList<Guid> UntoldWorkers(SqlSession session) => _stops.UntoldWorkers(session);

    public override (RunningReturn How, string Note) RunningReturnOf(SqlSession session, QueueTask before, IReadOnlySet<Guid> living, bool forChange)
    {
        if (before.ClaimToken is not { } token)
        {
            return (RunningReturn.AsItWas, "as before: no worker was known to hold it");
        }

        if (before is not { WorkerId: not null, LeaseExpiresAt: not null, HeartbeatAt: not null })
        {
            return (RunningReturn.Pending, "not running as before: no known worker held it");
        }

        return _stops.UnawareWorker(session, before.Id, token, forChange) switch
        {
            null => (RunningReturn.Pending, "not running as before: its worker had learned of the stop"),
            { } worker when !living.Contains(worker) => (RunningReturn.Pending, "not running as before: its worker does not live any more"),
            _ => (RunningReturn.WithItsClaim, "its stop was withdrawn before its worker learned of it"),
        };
    }

    public override void WithdrawStop(SqlSession session, QueueTask before) => _stops.Withdraw(session, before.Id, before.ClaimToken!.Value);

    protected override string FindRemovedSql => $"SELECT {HeadColumns}, {Payload(isIncluded: false)} {Removed}";

    public override void PutBack(SqlSession session, LogSchema log, long operation, string id)
    {
        // A revision that no earlier object of the task carries.
        session.Write(
            $"""
            INSERT INTO {Tasks} (seq, {StoredColumns})
            SELECT CASE WHEN EXISTS (SELECT 1 FROM {Tasks} WHERE task.seq = trash.seq) THEN {dialect.NextSeq} ELSE seq END,
                   {StoredColumns.Replace(" revision,", " revision + 1,", StringComparison.Ordinal)}
            {Removed}
            """,
            ("$operation", operation),
            ("$id", id));
        session.Write($"DELETE FROM {Trash}{dialect.By("trash_task")} WHERE operation = $operation AND id = $id", ("$operation", operation), ("$id", id));
    }
}
