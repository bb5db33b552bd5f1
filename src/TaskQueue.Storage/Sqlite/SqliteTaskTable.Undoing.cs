namespace TaskQueue.Storage.Sqlite;

/// <summary>What comes back: claims whose stop is withdrawn, and removed rows.</summary>
internal sealed partial class SqliteTaskTable
{
    // The newest, if one operation has removed an id twice. An operation may have removed a million tasks: only the index of ids will do.
    private const string Removed = "FROM trash WHERE rowid = (SELECT MAX(rowid) FROM trash INDEXED BY trash_task WHERE operation = $operation AND id = $id)";

    public override void NoteRefusal(SqlSession session, string id, Guid token, DateTimeOffset at) => SqliteStopTable.NoteRefusal(session, id, token, at);

    public override IReadOnlyList<Guid> UntoldWorkers(SqlSession session) => SqliteStopTable.UntoldWorkers(session);

    public override (bool CanGoOn, string Reason) CanGoOn(SqlSession session, QueueTask before, IReadOnlySet<Guid> living)
    {
        if (before.ClaimToken is not { } token || before.WorkerId is null)
        {
            return (false, "no known worker held it");
        }

        return SqliteStopTable.UnawareWorker(session, before.Id, token) switch
        {
            null => (false, "its worker had learned of the stop"),
            { } worker when !living.Contains(worker) => (false, "its worker does not live any more"),
            _ => (true, ""),
        };
    }

    public override void WithdrawStop(SqlSession session, QueueTask before) => SqliteStopTable.Withdraw(session, before.Id, before.ClaimToken!.Value);

    protected override string FindRemovedSql => $"SELECT {HeadColumns}, {Payload(isIncluded: false)} {Removed}";

    public override void PutBack(SqlSession session, LogSchema log, long operation, string id)
    {
        // A revision that no earlier object of the task carries.
        session.Execute(
            $"""
            INSERT INTO task (seq, {StoredColumns})
            SELECT CASE WHEN EXISTS (SELECT 1 FROM task WHERE task.seq = trash.seq) THEN NULL ELSE seq END,
                   {StoredColumns.Replace(" revision,", " revision + 1,", StringComparison.Ordinal)}
            {Removed}
            """,
            ("$operation", operation),
            ("$id", id));
        session.Execute("DELETE FROM trash INDEXED BY trash_task WHERE operation = $operation AND id = $id", ("$operation", operation), ("$id", id));
    }
}
