using System.Diagnostics;

namespace TaskQueue.Server;

/// <summary>How many tasks ended in an hour, by status.</summary>
internal readonly record struct EndedHour(DateTimeOffset From, int Success, int Failed, int Cancelled);

/// <summary>The tasks that ended in the last hours, the oldest hour first.</summary>
/// <param name="Hours">The hours.</param>
/// <param name="IsComplete">False if only those created last were counted.</param>
internal sealed record EndedTasks(IReadOnlyList<EndedHour> Hours, bool IsComplete);

/// <summary>
/// Counts the tasks that ended in the last day. The count goes over all ended tasks, so it is made once for all callers: at most once a
/// minute, and for at most a twentieth of the time.
/// </summary>
internal sealed class RecentActivity(QueueAccess queue)
{
    private const int Hours = 24;
    private const int MostTasks = 100_000;
    private const int RestFactor = 20;

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMinutes(1);
    private static readonly QueueTaskStatus[] Ended = [QueueTaskStatus.Success, QueueTaskStatus.Failed, QueueTaskStatus.Cancelled];

    private readonly Lock _gate = new();
    private volatile Counted? _last;

    public EndedTasks Read(CancellationToken cancellation)
    {
        var last = _last;
        if (last is null)
        {
            _gate.Enter();
        }
        else if (!last.IsDue || !_gate.TryEnter())
        {
            // The last count is still valid, or another caller is counting.
            return last.Tasks;
        }

        try
        {
            if (_last is not { IsDue: false })
            {
                var started = Stopwatch.GetTimestamp();
                var tasks = Count(queue.ForReading(), cancellation);
                var rest = RestFactor * Stopwatch.GetElapsedTime(started);
                _last = new Counted(tasks, Stopwatch.GetTimestamp(), rest > ShortestRest ? rest : ShortestRest);
            }

            return _last.Tasks;
        }
        finally
        {
            _gate.Exit();
        }
    }

    private static EndedTasks Count(ITaskStore store, CancellationToken cancellation)
    {
        var now = store.Now;
        // The hours are whole ones; the last one has only begun.
        var from = new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerHour), now.Offset).AddHours(1 - Hours);
        var counts = new Dictionary<QueueTaskStatus, int>[Hours];
        for (var hour = 0; hour < Hours; hour++)
        {
            counts[hour] = Ended.ToDictionary(status => status, _ => 0);
        }

        var counted = 0;
        var query = new TaskQuery
        {
            Statuses = Ended, NewerThan = now - from, NewestFirst = true, Limit = MostTasks, IncludePayload = false,
        };
        foreach (var task in store.Read(query, cancellation))
        {
            counted++;
            // A task that ended during the count, or by a clock that is ahead, belongs to the last hour.
            counts[Math.Clamp((int)((task.StateSince!.Value - from) / TimeSpan.FromHours(1)), 0, Hours - 1)][task.Status]++;
        }

        return new EndedTasks(
            [
                .. counts.Select((hour, index) => new EndedHour(
                    from.AddHours(index), hour[QueueTaskStatus.Success], hour[QueueTaskStatus.Failed], hour[QueueTaskStatus.Cancelled])),
            ],
            counted < MostTasks);
    }

    private sealed record Counted(EndedTasks Tasks, long At, TimeSpan Rest)
    {
        public bool IsDue => Stopwatch.GetElapsedTime(At) >= Rest;
    }
}
