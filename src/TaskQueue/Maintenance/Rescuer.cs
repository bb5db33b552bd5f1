namespace TaskQueue;

/// <summary>
/// Rescues the tasks of dead workers again and again, and takes out what the queue need not keep. On a thread of its own.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="store">The queue, which it maintains.</param>
/// <param name="types">The worker's types.</param>
/// <param name="looked">Called after each look.</param>
internal sealed class Rescuer(ClaimHolder worker, ITaskStore store, IReadOnlyCollection<string> types, Action looked)
    : WorkerThread("TaskQueue rescuer", "Dead workers' tasks cannot be looked for", worker)
{
    // About twenty times what reading one task takes, so that looking takes a twentieth of a core at most. The duration of a look would
    // mislead: most of it may be spent waiting for a lock or for a server that restarts.
    private static readonly TimeSpan RestPerTask = TimeSpan.FromMicroseconds(200);

    // A draining run waits for the first look. It must end even if no look ever succeeds.
    private const int MostFailures = 10;

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan TrustAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan LargestDrift = TimeSpan.FromMinutes(10);

    // Long enough for a person to ask what became of a worker. One that is started again and again leaves many behind.
    private static readonly TimeSpan KeepDeadWorkers = TimeSpan.FromHours(1);

    private readonly Rescue _rescue = new(worker, store);
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
        _start ??= (Holder.Options.Time.GetTimestamp(), store.Now);
        var report = _rescue.Look(types);
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
        if (_prunedAt is { } pruned && Holder.Options.Time.GetElapsedTime(pruned) < PrunePeriod)
        {
            return;
        }

        _prunedAt = Holder.Options.Time.GetTimestamp();
        store.Workers.Prune(store.Now - KeepDeadWorkers, CancellationToken.None);
        if (IsClockTrusted)
        {
            store.History.Expire(Holder.Options.Retention, CancellationToken.None);
        }
    }

    /// <summary>
    /// What has expired is deleted for good. So a clock is trusted only after it has kept pace with the monotonic one for an hour. A clock
    /// that is wrong for a while deletes nothing.
    /// </summary>
    private bool IsClockTrusted
    {
        get
        {
            var (timestamp, queueTime) = _start!.Value;
            var elapsed = Holder.Options.Time.GetElapsedTime(timestamp);
            return elapsed >= TrustAfter && (store.Now - queueTime - elapsed).Duration() <= LargestDrift;
        }
    }
}
