namespace TaskQueue;

/// <summary>Measures a queue by reading it once, without its data.</summary>
public static class QueueMeasure
{
    /// <summary>The figures of the tasks that <paramref name="matches"/> accepts.</summary>
    /// <param name="store">The queue.</param>
    /// <param name="type">What <paramref name="matches"/> selects, for the result; null for all.</param>
    /// <param name="matches">Which tasks count; null for all.</param>
    /// <param name="since">The period of the times and the rate, back from now; null for all time.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static QueueMeasurement Of(
        ITaskStore store, string? type, Predicate<QueueTask>? matches, TimeSpan? since, CancellationToken cancellation)
    {
        var now = store.Now;
        var counts = new Dictionary<QueueTaskStatus, long>();
        TimeSpan? oldestWaiting = null, oldestRunning = null;
        List<long> waiting = [], running = [];
        var types = new SortedDictionary<string, (long Total, List<long> Running)>(StringComparer.Ordinal);
        long finished = 0;
        foreach (var task in store.Read(new TaskQuery { Matches = matches, IncludePayload = false }, cancellation))
        {
            var ofType = types.TryGetValue(task.Type, out var known) ? known : (Total: 0, Running: []);
            types[task.Type] = (ofType.Total + 1, ofType.Running);
            counts[task.Status] = counts.GetValueOrDefault(task.Status) + 1;
            if (task.Status is QueueTaskStatus.Running)
            {
                oldestRunning = Longer(oldestRunning, task.Age);
            }
            else if (task.Status.IsWaiting() && (task.DueAt ?? now) <= now)
            {
                oldestWaiting = Longer(oldestWaiting, task.Age);
            }
            else if (task.Status.IsFinished() && task.CompletedAt is { } completed && (since is null || completed > now - since))
            {
                finished += EndedByItself(task) ? 1 : 0;
                AddDuration(waiting, Later(task.CreatedAt, task.DueAt), task.StartedAt);
                if (task.Status is QueueTaskStatus.Success)
                {
                    // One that failed, or was stopped because it hung, says nothing of how long its type needs.
                    AddDuration(running, task.StartedAt, completed);
                    AddDuration(ofType.Running, task.StartedAt, completed);
                }
            }
        }

        return new QueueMeasurement
        {
            Queue = store.Info.Queue,
            Type = type,
            Pending = counts.GetValueOrDefault(QueueTaskStatus.Pending),
            Retry = counts.GetValueOrDefault(QueueTaskStatus.Retry),
            Running = counts.GetValueOrDefault(QueueTaskStatus.Running),
            Success = counts.GetValueOrDefault(QueueTaskStatus.Success),
            Failed = counts.GetValueOrDefault(QueueTaskStatus.Failed),
            Cancelled = counts.GetValueOrDefault(QueueTaskStatus.Cancelled),
            Unknown = counts.GetValueOrDefault(QueueTaskStatus.Unknown),
            Total = counts.Values.Sum(),
            OldestWaiting = oldestWaiting,
            OldestRunning = oldestRunning,
            WaitingTime = Percentiles.Of(waiting),
            RunningTime = Percentiles.Of(running),
            // A list, not a collection expression: scripts index it, and the compiler's own type does not allow that.
            Types = types
                .Select(
                    type => new TypeMeasurement
                    {
                        Type = type.Key, Total = type.Value.Total, RunningTime = Percentiles.Of(type.Value.Running),
                    })
                .ToList(),
            FinishedPerHour = since is { } period ? finished / period.TotalHours : null,
            Since = since,
        };
    }

    /// <summary>
    /// What an operator or a cleanup has ended is no work that was done: one cleanup of many would look like a good hour.
    /// </summary>
    private static bool EndedByItself(QueueTask task) => task.Status is QueueTaskStatus.Success
        || (task.Status is QueueTaskStatus.Failed && !ForcedFailure.Ended(task));

    private static TimeSpan? Longer(TimeSpan? longest, TimeSpan? age) => longest is null || age > longest ? age : longest;

    private static DateTimeOffset? Later(DateTimeOffset? first, DateTimeOffset? second) => first is null || second > first ? second : first;

    private static void AddDuration(List<long> durations, DateTimeOffset? from, DateTimeOffset? to)
    {
        // Clocks that differ can make an end precede its start; such a pair tells nothing.
        if (from is { } start && to is { } end && end >= start)
        {
            durations.Add((end - start).Ticks);
        }
    }
}
