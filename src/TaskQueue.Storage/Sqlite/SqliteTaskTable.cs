namespace TaskQueue.Storage;

/// <summary>The table of tasks in SQLite: how the next ones are found.</summary>
internal sealed class SqliteTaskTable : NativeTaskTable
{
    private readonly string _hasDue;
    private readonly string _hasReady;
    private readonly string _promoting;
    private readonly string _ready;

    /// <param name="queue">The queue as its tasks name it.</param>
    /// <param name="layout">See <see cref="NativeTaskTable"/>.</param>
    public SqliteTaskTable(string queue, int layout)
        : base(queue, SqliteDialect.Instance, layout)
    {
        _hasDue = $"SELECT EXISTS (SELECT 1 FROM {Tasks} INDEXED BY task_due WHERE ready = 0 AND due_at <= $now)";
        _hasReady = $"SELECT EXISTS (SELECT 1 FROM {Tasks} INDEXED BY task_ready WHERE ready = 1 AND type = $type)";
        _promoting =
            $"""
            UPDATE {Tasks} SET ready = 1
            WHERE seq IN (SELECT seq FROM {Tasks} INDEXED BY task_due WHERE ready = 0 AND due_at <= $now ORDER BY due_at LIMIT $limit)
            """;
        _ready =
            $"""
            SELECT {Whole.Sql} FROM {Tasks} INDEXED BY task_ready
            WHERE ready = 1 AND type = $type
            ORDER BY priority, seq
            LIMIT $limit
            """;
    }

    /// <summary>True if a claim of these types could find something; a plain read without the write lock.</summary>
    public bool HasClaimable(SqlSession session, IEnumerable<string> types) =>
        HasDue(session) || types.Any(type => session.Number(_hasReady, ("$type", type)) == 1);

    /// <summary>Claims due tasks.</summary>
    /// <returns>The tasks, and whether there may be more that come due.</returns>
    public (IReadOnlyList<QueueTask> Claimed, bool MayHaveMore) Claim(SqlSession session, ClaimRequest request)
    {
        var mayHaveMore = PromoteDue(session);
        var ready = request.Types.Distinct(StringComparer.Ordinal).SelectMany(type => ReadyOf(session, type, request.Tokens.Count));
        return (ClaimFirst(session, ready, request), mayHaveMore);
    }

    /// <summary>Marks tasks whose time has come as ready, a bounded number at a time; true if there may be more.</summary>
    // The update alone, which finds nothing most of the time, costs as much as claiming ten tasks.
    private bool PromoteDue(SqlSession session) => HasDue(session)
        && session.Execute(_promoting, ("$now", session.Now.ToStored()), ("$limit", PromotedAtOnce)) == PromotedAtOnce;

    /// <summary>Rows of the given type that may be claimed now, the most urgent first: one probe of the index task_ready.</summary>
    private List<TaskRow> ReadyOf(SqlSession session, string type, int limit) => session.Rows(
        _ready, row => ReadRow(row, includesPayload: true, session.Now), ("$type", type), ("$limit", limit));

    private bool HasDue(SqlSession session) => session.Number(_hasDue, ("$now", session.Now.ToStored())) == 1;
}
