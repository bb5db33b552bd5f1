namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>One of two ways to do the same work on a queue's table.</summary>
internal interface IQueueSide : IDisposable
{
    /// <summary>Adds tasks in one transaction.</summary>
    void Enqueue(IReadOnlyList<NewTask> tasks);

    /// <summary>
    /// Claims up to <paramref name="count"/> tasks in one transaction and completes them in another; returns how many there were.
    /// </summary>
    int ClaimAndComplete(int count);
}
