namespace TaskQueue;

/// <summary>
/// Keeps a worker and its claims alive on a thread of its own: renews leases, at once where the clock was set, writes progress, and says that the worker lives.
/// Goes on while the worker drains, until the last outcome is committed.
/// </summary>
/// <param name="store">The queue.</param>
/// <param name="held">What the worker holds.</param>
/// <param name="options">How it works.</param>
/// <param name="operation">The worker's operation, for the log.</param>
/// <param name="record">The worker as it is to be known now.</param>
/// <param name="lost">Called with a task whose claim is another's, or nobody's.</param>
/// <param name="warn">Called with what an operator should know.</param>
internal sealed class LeaseKeeper(
    ITaskStore store,
    HeldTasks held,
    WorkerOptions options,
    Operation operation,
    Func<WorkerRecord> record,
    Action<HeldTask> lost,
    Action<string> warn) : WorkerThread("TaskQueue leases", "Leases wait to be renewed", warn)
{
    private const int LargestBatch = 500;

    // What people watch should move about as often as they look. And so soon a step of the clock is noticed, before anybody judges a lease by it.
    private static readonly TimeSpan ProgressPeriod = TimeSpan.FromMilliseconds(500);

    // Whoever waits to see whether a worker lives should not wait for a third of a day's lease.
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(20);

    private readonly LeaseClock _clock = new(options.Time);
    private long _saidAt = options.Time.GetTimestamp();
    private bool _isKnownToDrain;

    protected override TimeSpan Work()
    {
        Beat();
        return ProgressPeriod;
    }

    private void Beat()
    {
        var worker = record();
        var mark = _clock.Mark();
        var isDue = _clock.IsRenewalDue(options.LeaseTime) || worker.IsDraining != _isKnownToDrain;
        var clockWasSet = _clock.Step.Duration() >= options.LeaseTime;
        if (isDue || options.Time.GetElapsedTime(_saidAt) >= LongestSilence)
        {
            store.Workers.Put(worker, CancellationToken.None);
            _saidAt = options.Time.GetTimestamp();
            _isKnownToDrain = worker.IsDraining;
        }

        var beats = held.All
            .Select(task => (Task: task, Progress: task.Execution.TakeProgress(), Begins: !task.IsKnownToHaveBegun && task.IsRunning))
            .Where(beat => isDue || beat.Progress is not null || beat.Begins)
            .ToList();
        var written = 0;
        try
        {
            foreach (var batch in beats.Chunk(LargestBatch))
            {
                Renew(batch, clockWasSet);
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
            _clock.Renewed(mark);
        }
    }

    private void Renew((HeldTask Task, (double? Percent, string? Message)? Progress, bool Begins)[] batch, bool clockWasSet)
    {
        var outcomes = store.Change(
            [
                .. batch.Select(beat => new HeartbeatTask(
                    beat.Task.Task.Id, beat.Task.Token, options.LeaseTime, beat.Progress?.Percent, beat.Progress?.Message, beat.Begins, clockWasSet)),
            ],
            operation,
            CancellationToken.None);
        foreach (var ((task, _, begins), outcome) in batch.Zip(outcomes))
        {
            if (outcome.Kind is TaskOutcomeKind.Applied)
            {
                task.IsKnownToHaveBegun |= begins;
            }
            else if (task.IsRunning || task.IsWaiting)
            {
                // One that has ended meanwhile has no lease to renew any more.
                lost(task);
            }
        }
    }
}
