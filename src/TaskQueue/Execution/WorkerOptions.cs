namespace TaskQueue;

/// <summary>How a worker works.</summary>
public sealed record WorkerOptions
{
    /// <summary>The most that <see cref="Prefetch"/> may be.</summary>
    public const int LargestPrefetch = 10_000;

    /// <summary>How many tasks run at a time, from 1.</summary>
    public int Concurrency { get; init; } = Environment.ProcessorCount;

    /// <summary>
    /// How many tasks to claim beyond those that can start at once, from 0. They count as running while they wait. Null, the default, is as
    /// many as the handlers will probably start within 50 ms; see <see cref="ClaimAhead"/>.
    /// </summary>
    public int? Prefetch { get; init; }

    /// <summary>How long a claim holds without a heartbeat, from 1 s. A third of it is the rhythm of the heartbeats.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long tasks may go on after the worker was asked to end, and how long a handler has between being cancelled and being killed.
    /// Shorter than containers get (30 s in Kubernetes), so that the worker gives back what it holds before it is killed.
    /// </summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a handler may take to return once it was killed, before it is given up and its slot replaced.</summary>
    public TimeSpan KillPeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For each type that is to have one: how long a task may run without a report of progress before it counts as stalled. Nothing is
    /// stopped by it alone.
    /// </summary>
    public IReadOnlyDictionary<string, TimeSpan> ProgressTimeouts { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>How long the queue's past is kept: workers delete what is older.</summary>
    public HistoryRetention Retention { get; init; } = new();

    /// <summary>The wait before a failed task's next try.</summary>
    public RetryBackoff Backoff { get; init; } = new();

    /// <summary>
    /// How often within 72 h an attempt that had begun is taken back from workers that stopped answering before its task fails.
    /// </summary>
    public int RecoveryBudget { get; init; } = 3;

    /// <summary>End once nothing is due and nothing runs.</summary>
    public bool EndsWhenEmpty { get; init; }

    /// <summary>Claim no more than this many tasks in all, then end; null for no limit.</summary>
    public int? MaxTasks { get; init; }

    /// <summary>The clock that measures leases and time-outs; times of tasks are the queue's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Throws <see cref="TaskValidationException"/> for what no worker can do.</summary>
    public void Validate()
    {
        Check(Concurrency is >= 1 and <= 1000, "Concurrency", "1 to 1000");
        Check(Prefetch is null or (>= 0 and <= LargestPrefetch), "Prefetch", $"0 to {LargestPrefetch:N0}");
        Check(LeaseTime >= TimeSpan.FromSeconds(1) && LeaseTime <= TimeSpan.FromDays(1), "LeaseTime", "1s to 1d");
        Check(GracePeriod >= TimeSpan.Zero && GracePeriod <= TimeSpan.FromDays(1), "GracePeriod", "0s to 1d");
        Check(KillPeriod > TimeSpan.Zero && KillPeriod <= TimeSpan.FromDays(1), "KillPeriod", "more than 0s, to 1d");
        Check(
            ProgressTimeouts.Values.All(timeout => timeout > TimeSpan.Zero && timeout <= Duration.Longest),
            "ProgressTimeouts",
            $"more than 0s, to {Duration.Format(Duration.Longest)}");
        Check(Retention.Events >= TimeSpan.Zero && Retention.Trash >= TimeSpan.Zero, "Retention", "0s or more");
        Check(RecoveryBudget >= 0, "RecoveryBudget", "0 or more");
        Check(MaxTasks is null or >= 1, "MaxTasks", "1 or more");
    }

    private static void Check(bool isInRange, string name, string range)
    {
        if (!isInRange)
        {
            throw new TaskValidationException($"{name} is out of range.", $"Give {range}.") { Field = name };
        }
    }
}
