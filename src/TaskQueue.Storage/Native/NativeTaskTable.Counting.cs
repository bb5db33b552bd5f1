namespace TaskQueue.Storage;

/// <summary>
/// The numbers of tasks, which are kept in a table of their own. Each write of a task notes what it changes
/// (<see cref="SqlSession.Counts"/>), and the end of its transaction writes that down.
/// </summary>
internal abstract partial class NativeTaskTable
{
    /// <summary>The first layout that has the table. In older ones the tasks themselves are counted.</summary>
    protected const int CountedSince = 2;

    private readonly RowStatement _counting = RowStatement.Insert(
        $"{dialect.Schema}.task_count",
        [new("type", SqlType.Text), new("status", SqlType.Text), new("tasks", SqlType.Integer)],
        dialect.AddToCount);

    public override string CountByStatusSql { get; } = layout < CountedSince
        ? $"SELECT status, COUNT(*) FROM {dialect.Schema}.task GROUP BY status"
        : $"SELECT status, CAST(SUM(tasks) AS bigint) FROM {dialect.Schema}.task_count GROUP BY status HAVING SUM(tasks) <> 0";

    public override string CountByTypeSql { get; } = layout < CountedSince
        ? $"SELECT type, status, COUNT(*) FROM {dialect.Schema}.task GROUP BY type, status"
        : $"SELECT type, status, CAST(SUM(tasks) AS bigint) FROM {dialect.Schema}.task_count GROUP BY type, status HAVING SUM(tasks) <> 0";

    protected string Counts { get; } = $"{dialect.Schema}.task_count";

    /// <summary>Writes down what the present transaction has changed in the numbers; the last that it does.</summary>
    public virtual void WriteCounts(SqlSession session)
    {
        foreach (var (type, status, tasks) in session.Counts.All)
        {
            session.WriteRow(_counting, ("$type", type), ("$status", status), ("$tasks", tasks));
        }
    }

    /// <summary>True if the numbers are not those of the tasks: another program has written tasks.</summary>
    public bool AreCountsWrong(SqlSession session) => session.Number($"SELECT EXISTS ({Differences})") == 1;

    /// <summary>Puts the numbers right. What others change meanwhile is added to them as ever.</summary>
    public void CountAnew(SqlSession session)
    {
        session.Write($"INSERT INTO {Counts} (type, status, tasks) {Differences} {dialect.AddToCount}");
        session.Write($"DELETE FROM {Counts} WHERE tasks = 0");
    }

    /// <summary>By how much the numbers are too small.</summary>
    private string Differences =>
        $"""
        SELECT type, status, CAST(SUM(tasks) AS bigint)
        FROM (
            SELECT type, status, COUNT(*) AS tasks FROM {Tasks} GROUP BY type, status
            UNION ALL SELECT type, status, -tasks FROM {Counts}) AS compared
        GROUP BY type, status HAVING SUM(tasks) <> 0
        """;
}
