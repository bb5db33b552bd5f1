namespace TaskQueue.Storage.Sqlite;

/// <summary>What may be claimed, when more comes due, and what was claimed.</summary>
internal sealed partial class SqliteTaskTable
{
    /// <summary>Rows of the given type that may be claimed now, the most urgent first: one probe of the index task_ready.</summary>
    public List<TaskRow> ReadyOf(SqlSession session, string type, int limit, DateTimeOffset now) => session.Rows(
        $"""
        SELECT {HeadColumns}, data, result FROM task INDEXED BY task_ready
        WHERE ready = 1 AND type = $type
        ORDER BY priority, seq
        LIMIT $limit
        """,
        row => ReadRow(row, now),
        ("$type", type),
        ("$limit", limit));

    /// <summary>True if a claim of these types could find something; a plain read without the write lock.</summary>
    public static bool HasClaimable(SqlSession session, IEnumerable<string> types, DateTimeOffset now) =>
        HasDue(session, now)
        || types.Any(type => session.Number(
            "SELECT EXISTS (SELECT 1 FROM task INDEXED BY task_ready WHERE ready = 1 AND type = $type)", ("$type", type)) == 1);

    /// <summary>Marks tasks whose time has come as ready, a bounded number at a time; true if there may be more.</summary>
    public static bool PromoteDue(SqlSession session, DateTimeOffset now)
    {
        const int Batch = 1000;
        return Batch == session.Execute(
            """
            UPDATE task SET ready = 1
            WHERE seq IN (SELECT seq FROM task INDEXED BY task_due WHERE ready = 0 AND due_at <= $now ORDER BY due_at LIMIT $limit)
            """,
            ("$now", now.ToStored()),
            ("$limit", Batch));
    }

    /// <summary>When the next task that waits for its time comes due; null if none waits.</summary>
    public static DateTimeOffset? NextDue(SqlSession session) =>
        session.Rows("SELECT MIN(due_at) FROM task INDEXED BY task_due WHERE ready = 0", row => new SqliteRow(row).Time(0))[0];

    /// <summary>The running tasks that carry one of the tokens. Running tasks are few beside the others, so no index is kept for this.</summary>
    public List<QueueTask> Claimed(SqlSession session, IReadOnlyCollection<Guid> tokens, DateTimeOffset now)
    {
        var wanted = tokens.ToHashSet();
        return
        [
            .. session
                .Rows(
                    "SELECT id, claim_token FROM task INDEXED BY task_status WHERE status = 'running' AND claim_token IS NOT NULL",
                    row => (Id: row.GetString(0), Token: new SqliteRow(row).Identifier(1)))
                .Where(running => running.Token is { } token && wanted.Contains(token))
                // Read one by one, without a transaction: it may be another's by now.
                .Select(running => Find(session, running.Id, now)?.Task)
                .OfType<QueueTask>()
                .Where(task => task is { Status: QueueTaskStatus.Running, ClaimToken: { } token } && wanted.Contains(token)),
        ];
    }

    private static bool HasDue(SqlSession session, DateTimeOffset now) => session.Number(
        "SELECT EXISTS (SELECT 1 FROM task INDEXED BY task_due WHERE ready = 0 AND due_at <= $now)", ("$now", now.ToStored())) == 1;
}
