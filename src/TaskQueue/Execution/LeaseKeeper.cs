using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>
/// Keeps a holder of claims and its claims alive, on a thread of its own. It renews leases, at once where the clock was set, writes
/// progress, and says that the holder lives. A worker's goes on while the worker drains, until the last outcome is committed.
/// </summary>
internal sealed class LeaseKeeper : WorkerThread
{
    private const int LargestBatch = 500;

    // Progress should move about as often as people look. A step of the clock must be noticed before anybody judges a lease by it.
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromMilliseconds(500);

    // The longest silence is a third of this. A worker whose leases hold for a day must be seen to live all the same.
    private static readonly TimeSpan LongestSignOfLife = TimeSpan.FromSeconds(60);

    private readonly Action<HeldTask> _lost;
    private readonly LeaseClock _registration;

    // When leases of a length were last renewed: those of the same length are renewed together.
    private readonly ConcurrentDictionary<TimeSpan, LeaseClock> _renewals = [];
    private bool _isKnownToDrain;

    /// <param name="holder">Who holds the claims.</param>
    /// <param name="lost">Called with a task whose claim is another's, or nobody's.</param>
    public LeaseKeeper(ClaimHolder holder, Action<HeldTask> lost)
        : base("TaskQueue leases", "Leases wait to be renewed", holder)
    {
        _lost = lost;
        _registration = new LeaseClock(holder.Options.Time);
    }

    /// <summary>To be called before the first claim with a lease of this length: from now on the clocks are watched for it.</summary>
    public void Expect(TimeSpan leaseTime) => _renewals.TryAdd(leaseTime, new LeaseClock(Holder.Options.Time));

    protected override TimeSpan Work()
    {
        var beginsToDrain = SayThatItLives();
        var held = Holder.Held.All.ToLookup(task => task.LeaseTime);
        foreach (var (leaseTime, clock) in _renewals)
        {
            Keep([.. held[leaseTime]], leaseTime, clock, beginsToDrain);
        }

        return ProgressPeriod;
    }

    /// <summary>True if it said for the first time that the worker drains.</summary>
    private bool SayThatItLives()
    {
        var record = Holder.Record();
        var mark = _registration.Mark();
        var beginsToDrain = record.IsDraining != _isKnownToDrain;
        if (beginsToDrain || _registration.IsRenewalDue(record.LeaseTime < LongestSignOfLife ? record.LeaseTime : LongestSignOfLife))
        {
            Holder.Source.Workers.Put(record, CancellationToken.None);
            _registration.Renewed(mark);
            _isKnownToDrain = record.IsDraining;
        }

        return beginsToDrain;
    }

    private void Keep(HeldTask[] tasks, TimeSpan leaseTime, LeaseClock clock, bool renewsAnyway)
    {
        var mark = clock.Mark();
        var isDue = renewsAnyway || clock.IsRenewalDue(leaseTime);
        var clockWasSet = clock.Step.Duration() >= leaseTime;
        var beats = tasks
            .Select(task => (Task: task, Progress: task.Execution.TakeProgress(), Begins: !task.IsKnownToHaveBegun && task.IsRunning))
            .Where(beat => isDue || beat.Progress is not null || beat.Begins)
            .ToList();
        var written = 0;
        try
        {
            foreach (var batch in beats.Chunk(LargestBatch))
            {
                Write(batch, clockWasSet, mark);
                written += batch.Length;
            }
        }
        catch
        {
            foreach (var (task, progress, _) in beats.Skip(written))
            {
                task.Execution.PutBack(progress);
            }

            throw;
        }

        if (isDue)
        {
            clock.Renewed(mark);
        }
    }

    private void Write(
        (HeldTask Task, (double? Percent, string? Message)? Progress, bool Begins)[] batch,
        bool clockWasSet,
        (long Timestamp, DateTimeOffset WallTime) mark)
    {
        foreach (var (task, _, _) in batch)
        {
            task.WillBeWritten();
        }

        var outcomes = Holder.Source.Change(
            [
                .. batch.Select(beat => new HeartbeatTask(
                    beat.Task.Task.Id,
                    beat.Task.Token,
                    beat.Task.LeaseTime,
                    beat.Progress?.Percent,
                    beat.Progress?.Message,
                    beat.Begins,
                    clockWasSet)),
            ],
            Holder.Operation,
            CancellationToken.None);
        foreach (var ((task, _, begins), outcome) in batch.Zip(outcomes))
        {
            if (outcome.Kind is TaskOutcomeKind.Applied)
            {
                task.IsKnownToHaveBegun |= begins;
                task.LeaseRenewed(mark);
            }
            else if (task.IsRunning || task.IsWaiting)
            {
                // A task that has ended meanwhile has no lease to renew.
                _lost(task);
            }
        }
    }
}
