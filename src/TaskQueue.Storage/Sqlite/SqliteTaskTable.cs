using TaskQueue.Storage.Own;

namespace TaskQueue.Storage.Sqlite;

/// <summary>The table of tasks in SQLite: how the next ones are found.</summary>
internal sealed class SqliteTaskTable(string queue, bool knowsRecoveries) : OwnTaskTable(queue, SqliteDialect.Instance, knowsRecoveries)
{
    /// <summary>True if a claim of these types could find something; a plain read without the write lock.</summary>
    public bool HasClaimable(SqlSession session, IEnumerable<string> types) =>
        HasDue(session)
        || types.Any(type => session.Number(
            $"SELECT EXISTS (SELECT 1 FROM {Tasks} INDEXED BY task_ready WHERE ready = 1 AND type = $type)", ("$type", type)) == 1);

    /// <summary>Marks tasks whose time has come as ready, a bounded number at a time; true if there may be more.</summary>
    // The update alone, which finds nothing most of the time, costs as much as claiming ten tasks.
    public bool PromoteDue(SqlSession session) => HasDue(session) && PromotedAtOnce == session.Execute(
        $"""
        UPDATE {Tasks} SET ready = 1
        WHERE seq IN (SELECT seq FROM {Tasks} INDEXED BY task_due WHERE ready = 0 AND due_at <= $now ORDER BY due_at LIMIT $limit)
        """,
        ("$now", session.Now.ToStored()),
        ("$limit", PromotedAtOnce));

    /// <summary>Rows of the given type that may be claimed now, the most urgent first: one probe of the index task_ready.</summary>
    public List<TaskRow> ReadyOf(SqlSession session, string type, int limit) => session.Rows(
        $"""
        SELECT {HeadColumns}, data, result FROM {Tasks} INDEXED BY task_ready
        WHERE ready = 1 AND type = $type
        ORDER BY priority, seq
        LIMIT $limit
        """,
        row => ReadRow(row, session.Now),
        ("$type", type),
        ("$limit", limit));

    private bool HasDue(SqlSession session) => session.Number(
        $"SELECT EXISTS (SELECT 1 FROM {Tasks} INDEXED BY task_due WHERE ready = 0 AND due_at <= $now)", ("$now", session.Now.ToStored())) == 1;
}
