namespace TaskQueue;

/// <summary>What a queue may come to before it counts as being in trouble. Only what is given is looked at.</summary>
public sealed record QueueLimits
{
    private static readonly QueueTaskStatus[] Waiting = [QueueTaskStatus.Pending, QueueTaskStatus.Retry];

    /// <summary>
    /// The most running tasks that may be stuck: older than <see cref="MaxAge"/> and judged Dead, Silent or Stalled. A Slow one is not
    /// counted: its worker proves that it works.
    /// </summary>
    public int? MaxStuck { get; init; }

    /// <summary>From this age on a running task can be stuck.</summary>
    public TimeSpan MaxAge { get; init; } = StuckPolicy.DefaultMaxAge;

    /// <summary>The most tasks that may wait for a worker: pending or retry, and due.</summary>
    public int? MaxWaiting { get; init; }

    /// <summary>
    /// What is beyond its limit, each as a sentence; empty for a queue in order. Reads the running tasks and at most as many waiting ones
    /// as decide.
    /// </summary>
    public IReadOnlyList<string> Exceeded(ITaskStore store, CancellationToken cancellation)
    {
        List<string> exceeded = [];
        if (MaxStuck is { } mostStuck)
        {
            var stuck = new StuckTaskCleanup(store).Plan(new StuckPolicy { MaxAge = MaxAge }, cancellation).Found
                .Where(task => task is { IsOldEnough: true, Verdict: StuckVerdict.Dead or StuckVerdict.Silent or StuckVerdict.Stalled })
                .ToList();
            if (stuck.Count > mostStuck)
            {
                exceeded.Add(
                    $"{Quantity.Of(stuck.Count, "task is", "tasks are")} stuck for longer "
                        + $"than {Duration.Format(MaxAge)}, such as '{stuck[0].Id}'; the limit is {mostStuck}.");
            }
        }

        if (MaxWaiting is { } mostWaiting && HasMoreWaiting(store, mostWaiting, cancellation))
        {
            exceeded.Add($"More than {Quantity.Of(mostWaiting, "task is", "tasks are")} due and wait for a worker.");
        }

        return exceeded;
    }

    private static bool HasMoreWaiting(ITaskStore store, int most, CancellationToken cancellation)
    {
        // The counts are cheap and decide it for most queues. Only the tasks themselves tell which of them are due.
        var counts = store.CountByStatus(cancellation);
        if (Waiting.Sum(status => counts.GetValueOrDefault(status.ToText())) <= most)
        {
            return false;
        }

        var now = store.Now;
        var due = new TaskQuery { Statuses = Waiting, Matches = task => (task.DueAt ?? now) <= now, IncludePayload = false };
        return store.Read(due, cancellation).Skip(most).Any();
    }
}
