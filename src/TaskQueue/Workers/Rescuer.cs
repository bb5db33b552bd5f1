namespace TaskQueue;

/// <summary>Rescues the tasks of dead workers again and again, and takes out what the queue need not keep. On a thread of its own.</summary>
/// <param name="store">The queue.</param>
/// <param name="rescue">How tasks are rescued.</param>
/// <param name="types">The worker's types.</param>
/// <param name="options">How it works.</param>
/// <param name="looked">Called after each look.</param>
/// <param name="warn">Called with what an operator should know.</param>
internal sealed class Rescuer(
    ITaskStore store, Rescue rescue, IReadOnlyCollection<string> types, WorkerOptions options, Action looked, Action<string> warn)
    : WorkerThread("TaskQueue rescuer", "Dead workers' tasks cannot be looked for", warn)
{
    // About twenty times what reading one takes: looking takes this part of a core at most, however many there are. The time that passed
    // would say nothing: most of it may have been spent waiting, for a lock or for a server that restarts.
    private static readonly TimeSpan RestPerTask = TimeSpan.FromMicroseconds(200);

    // A run that drains waits for the first look; one that can never look must end all the same.
    private const int MostFailures = 10;

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan TrustAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan LargestDrift = TimeSpan.FromMinutes(10);

    // Long enough for a person to ask what became of a worker; one that is started again and again leaves many behind.
    private static readonly TimeSpan KeepDeadWorkers = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private (long Timestamp, DateTimeOffset QueueTime)? _start;
    private long? _prunedAt;
    private int _failures;
    private RescueReport? _lastLook;

    /// <summary>What the last look has left behind; null before the first one, nothing where looks keep failing.</summary>
    public RescueReport? LastLook
    {
        get
        {
            lock (_gate)
            {
                return _lastLook;
            }
        }
    }

    protected override TimeSpan Work()
    {
        _start ??= (options.Time.GetTimestamp(), store.Now);
        var report = rescue.Look(types);
        _failures = 0;
        Tell(report);
        Prune();
        var rest = report.Looked * RestPerTask;
        return rest > Rescue.Period ? rest : Rescue.Period;
    }

    protected override void OnFailed()
    {
        if (++_failures == MostFailures)
        {
            Tell(default);
        }
    }

    private void Tell(RescueReport report)
    {
        lock (_gate)
        {
            _lastLook = report;
        }

        looked();
    }

    private void Prune()
    {
        if (_prunedAt is { } pruned && options.Time.GetElapsedTime(pruned) < PrunePeriod)
        {
            return;
        }

        _prunedAt = options.Time.GetTimestamp();
        store.Workers.Prune(store.Now - KeepDeadWorkers, CancellationToken.None);
        if (IsClockTrusted)
        {
            store.History.Expire(options.Retention, CancellationToken.None);
        }
    }

    /// <summary>
    /// What expires is gone for good. So only a clock is trusted with it that has gone for an hour as fast as the monotonic one: a
    /// clock that is wrong for a while, at a start or by a jump, deletes nothing.
    /// </summary>
    private bool IsClockTrusted
    {
        get
        {
            var (timestamp, queueTime) = _start!.Value;
            var elapsed = options.Time.GetElapsedTime(timestamp);
            return elapsed >= TrustAfter && (store.Now - queueTime - elapsed).Duration() <= LargestDrift;
        }
    }
}
