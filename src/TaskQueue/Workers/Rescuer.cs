namespace TaskQueue;

/// <summary>
/// Takes tasks back from workers that stopped answering: at once where the process is proven gone, else only after a whole lease
/// time of watching. On a thread of its own; any live worker does it for all.
/// </summary>
/// <param name="store">The queue.</param>
/// <param name="held">What the worker itself holds, which is left alone.</param>
/// <param name="options">How it works.</param>
/// <param name="operation">The worker's operation, for the log.</param>
/// <param name="record">The worker as it is to be known now.</param>
/// <param name="warn">Called with what an operator should know.</param>
internal sealed class Rescuer(
    ITaskStore store, HeldTasks held, WorkerOptions options, Operation operation, Func<WorkerRecord> record, Action<string> warn)
    : WorkerThread("TaskQueue rescuer", "Dead workers' tasks cannot be looked for", warn)
{
    private const int LargestBatch = 500;

    // About twenty times what reading one takes: looking takes this part of a core at most, however many there are. The time that passed
    // would say nothing: most of it may have been spent waiting, for a lock or for a server that restarts.
    private static readonly TimeSpan RestPerTask = TimeSpan.FromMicroseconds(200);

    // A dead worker's tasks should not wait long, and a look costs a read of the running tasks.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    // A write that takes longer waited for a lock, behind which others' heartbeats may wait as well.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan PrunePeriod = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan TrustAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan LargestDrift = TimeSpan.FromMinutes(10);

    // Long enough for a person to ask what became of a worker; one that is started again and again leaves many behind.
    private static readonly TimeSpan KeepDeadWorkers = TimeSpan.FromHours(1);

    private readonly LeaseWatch _watch = new(Period);
    private HashSet<Guid> _suspected = [];
    private long _lookedAt = options.Time.GetTimestamp();
    private (long Timestamp, DateTimeOffset QueueTime)? _start;
    private long? _prunedAt;

    protected override TimeSpan Work()
    {
        _start ??= (options.Time.GetTimestamp(), store.Now);
        var rest = Look() * RestPerTask;
        Prune();
        return rest > Period ? rest : Period;
    }

    protected override void OnFailed() => Forget();

    /// <summary>Takes back what can be taken back; returns how many running tasks it had to look at.</summary>
    private int Look()
    {
        var elapsed = options.Time.GetElapsedTime(_lookedAt);
        _lookedAt = options.Time.GetTimestamp();
        // Also what stands in this worker's own name and is not held: as after its queue was put back to an earlier state.
        var looked = 0;
        var others = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Running],
            Matches = task => ++looked > 0 && task is { ClaimToken: { } token, LeaseExpiresAt: not null } && !held.Knows(token),
            IncludePayload = false,
        };
        var workers = new WorkerDirectory(store);
        foreach (var dead in workers.Gone(CancellationToken.None))
        {
            DeadWorkers.AnswerFor(store, dead.Identity.Id, operation, CancellationToken.None);
        }

        var running = store.Read(others, CancellationToken.None).ToLookup(task => workers.LivenessOf(task, CancellationToken.None).State is LivenessState.Gone);
        Recover([.. running[true]], task => workers.LivenessOf(task, CancellationToken.None).Evidence, areGone: true);
        Recover(
            Convicted(_watch.Look(running[false], store.Now, elapsed)),
            task => $"lease expired at {task.LeaseExpiresAt:yyyy-MM-dd HH:mm:ss} UTC and was not renewed while it was watched for as long again",
            areGone: false);
        return looked;
    }

    /// <summary>
    /// Those of the overdue that could have been renewed: while a lock keeps everybody from writing, nobody is convicted, and after
    /// it everybody gets until the next look.
    /// </summary>
    private List<QueueTask> Convicted(IReadOnlyList<QueueTask> overdue)
    {
        if (overdue.Count > 0)
        {
            var began = options.Time.GetTimestamp();
            store.Workers.Put(record(), CancellationToken.None);
            if (options.Time.GetElapsedTime(began) >= LongestWrite)
            {
                Forget();
                return [];
            }
        }

        var convicted = overdue.Where(task => _suspected.Contains(task.ClaimToken!.Value)).ToList();
        _suspected = [.. overdue.Select(task => task.ClaimToken!.Value)];
        return convicted;
    }

    private void Forget()
    {
        _watch.Forget();
        _suspected.Clear();
    }

    private void Recover(IReadOnlyList<QueueTask> tasks, Func<QueueTask, string> evidence, bool areGone)
    {
        foreach (var batch in tasks.Chunk(LargestBatch))
        {
            if (areGone)
            {
                // Programs that a dead worker left running must not run beside the next attempt.
                TaskProcesses.KillMarked([.. batch.Select(task => task.ClaimToken!.Value)]);
            }

            // What changed since it was read is left alone by the change itself.
            store.Change(
                [.. batch.Select(task => new RecoverTask(task.Id, task.ClaimToken!.Value, task.LeaseExpiresAt!.Value, options.RecoveryBudget, areGone, evidence(task)))],
                operation,
                CancellationToken.None);
        }
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
