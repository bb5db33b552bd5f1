namespace TaskQueue.Server;

/// <summary>How many tasks are in which state, as in the original's <c>stats</c>.</summary>
/// <param name="Pending">Tasks that wait: pending and retry.</param>
/// <param name="Running">Tasks that run.</param>
/// <param name="Completed">Tasks that ended well.</param>
/// <param name="Failed">Tasks that failed or were stopped by force.</param>
/// <param name="Cancelled">Tasks that were cancelled before they ran.</param>
/// <param name="Total">All tasks, also those with a status that is not known.</param>
/// <param name="Queued">The same as pending.</param>
/// <param name="Active">The same as running.</param>
internal sealed record Stats(long Pending, long Running, long Completed, long Failed, long Cancelled, long Total, long Queued, long Active)
{
    public static Stats Of(IReadOnlyDictionary<string, long> counts)
    {
        var summary = Summary.Of(counts);
        var waiting = summary.Pending + summary.Retry;
        return new Stats(
            waiting, summary.Running, summary.Success, summary.Failed, summary.Cancelled, summary.Total, waiting, summary.Running);
    }
}

/// <summary>How many tasks have each status.</summary>
internal sealed record Summary(long Pending, long Running, long Success, long Failed, long Cancelled, long Retry, long Total)
{
    public static Summary Of(IReadOnlyDictionary<string, long> counts)
    {
        return new Summary(
            In(QueueTaskStatus.Pending), In(QueueTaskStatus.Running), In(QueueTaskStatus.Success), In(QueueTaskStatus.Failed),
            In(QueueTaskStatus.Cancelled),
            In(QueueTaskStatus.Retry), counts.Values.Sum());

        long In(QueueTaskStatus status) => counts.GetValueOrDefault(status.ToText());
    }
}
