namespace TaskQueue;

/// <summary>
/// Takes tasks back from workers that stopped answering: at once where the process is proven gone, else only after a whole lease time
/// of watching. Each look is for all types: any worker or session that lives does it for all. Used by one thread at a time.
/// </summary>
/// <param name="holder">Who looks: what it holds, or may hold in a moment, is left alone.</param>
/// <param name="store">The queue, which it maintains.</param>
internal sealed class Rescue(ClaimHolder holder, ITaskStore store)
{
    /// <summary>A dead worker's tasks should not wait long. A look reads the running tasks.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private const int LargestBatch = 500;

    // A write that takes longer than this has waited for a lock. Heartbeats of others may wait for the same lock.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(1);

    private readonly LeaseWatch _watch = new(Period);
    private HashSet<Guid> _suspected = [];

    // The claims that were there before this watch began, and have shown no sign of life since: their lease, and their worker's last
    // heartbeat.
    private Dictionary<Guid, (DateTimeOffset Lease, DateTimeOffset? Heartbeat)>? _doubted;

    /// <summary>Takes back what can be taken back.</summary>
    /// <param name="types">The types that the report counts for.</param>
    /// <exception cref="TaskQueueException">The queue is out of reach.</exception>
    public RescueReport Look(IReadOnlyCollection<string> types)
    {
        try
        {
            return LookAround(types);
        }
        catch
        {
            Forget();
            throw;
        }
    }

    private RescueReport LookAround(IReadOnlyCollection<string> types)
    {
        // Includes tasks in the caller's own name that it does not hold, as after a restore of an earlier state.
        var looked = 0;
        var others = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Running],
            Matches = task => ++looked > 0 && task is { ClaimToken: { } token, LeaseExpiresAt: not null } && !holder.Held.Knows(token),
            IncludePayload = false,
        };
        var workers = new WorkerDirectory(store);
        foreach (var dead in workers.Gone(CancellationToken.None))
        {
            DeadWorkers.AnswerFor(store, dead.Identity.Id, holder.Operation, CancellationToken.None);
        }

        var running = store.Read(others, CancellationToken.None).ToLookup(task => LivenessOf(task).State is LivenessState.Gone);
        Recover([.. running[true]], workers, task => LivenessOf(task).Evidence, areGone: true);

        var at = new LeaseWatch.Moment(store.Now, holder.Options.Time.GetElapsedTime(0), HostProcesses.Boot);
        var overdue = _watch.Look(running[false], at, () => store.Workers.ReadSightings(CancellationToken.None));
        foreach (var batch in _watch.ToKeep.Chunk(LargestBatch))
        {
            store.Workers.PutSightings(batch, CancellationToken.None);
        }

        var convicted = Convicted(overdue);
        Recover(convicted, workers, task => EvidenceOf(task, at.Now), areGone: false);

        var takenBack = convicted.Select(task => task.ClaimToken).ToHashSet();
        var ours = running[false]
            .Where(task => HandledTypes.Include(types, task.Type) && !takenBack.Contains(task.ClaimToken))
            .ToLookup(task => _watch.IsUnrenewed(task, at.Now));
        return new RescueReport
        {
            Looked = looked,
            Unrenewed = ours[true].Count(),
            Doubtful = CountDoubtful([.. ours[false]], workers),
            IsAnyOverdue = overdue.Count > convicted.Count,
        };

        Liveness LivenessOf(QueueTask task) => workers.LivenessOf(task, CancellationToken.None);
    }

    /// <summary>
    /// The overdue tasks whose leases could have been renewed. While a lock keeps everybody from writing, no task is convicted. After it,
    /// every worker has time until the next look.
    /// </summary>
    private List<QueueTask> Convicted(IReadOnlyList<QueueTask> overdue)
    {
        if (overdue.Count > 0)
        {
            var began = holder.Options.Time.GetTimestamp();
            // A write that shows whether the queue can be written at present.
            holder.Register();
            if (holder.Options.Time.GetElapsedTime(began) >= LongestWrite)
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

    private void Recover(IReadOnlyList<QueueTask> tasks, WorkerDirectory workers, Func<QueueTask, string> evidence, bool areGone)
    {
        foreach (var batch in tasks.Chunk(LargestBatch))
        {
            if (areGone)
            {
                // What a dead worker left running must not run beside the next attempt.
                TaskProcesses.KillLeftBehind([.. batch.Select(task => task.ClaimToken!.Value)]);
            }

            // What changed since it was read is left alone by the change itself.
            var outcomes = store.Change(
                [
                    .. batch.Select(task => new RecoverTask(
                        task.Id, task.ClaimToken!.Value, task.LeaseExpiresAt!.Value, holder.Options.RecoveryBudget, areGone, evidence(task))
                    {
                        LeaseWasWatched = !areGone,
                        WorkerDrained = workers.Find(task, CancellationToken.None)
                            is { IsDraining: true } or { StopRequested: not WorkerStopMode.None },
                    }),
                ],
                holder.Operation,
                CancellationToken.None);
            if (!areGone)
            {
                // A hung worker may come back and renew its claim, until the claim is taken. So its processes are ended only after that.
                var taken = batch.Zip(outcomes).Where(pair => pair.Second.Kind is TaskOutcomeKind.Applied).Select(pair => pair.First);
                TaskProcesses.KillMarked([.. taken.Select(task => task.ClaimToken!.Value)]);
            }
        }
    }

    /// <summary>
    /// A worker may be dead although its lease holds: if its process cannot be seen from here, and it has given no sign of life since the
    /// first look. A claim that came up after the first look proves life.
    /// </summary>
    private int CountDoubtful(IReadOnlyList<QueueTask> tasks, WorkerDirectory workers)
    {
        var signs = tasks
            .Where(task => workers.LivenessOf(task, CancellationToken.None).State is LivenessState.Unknown)
            .ToDictionary(
                task => task.ClaimToken!.Value,
                task => (task.LeaseExpiresAt!.Value, workers.Find(task, CancellationToken.None)?.HeartbeatAt));
        _doubted = _doubted is null
            ? signs
            : _doubted.Where(doubt => signs.TryGetValue(doubt.Key, out var sign) && sign == doubt.Value).ToDictionary();
        return _doubted.Count;
    }

    private static string EvidenceOf(QueueTask task, DateTimeOffset now) => task.LeaseExpiresAt <= now
        ? FormattableString.Invariant(
            $"lease expired at {task.LeaseExpiresAt:yyyy-MM-dd HH:mm:ss} UTC and was not renewed while it was watched for as long again")
        : FormattableString.Invariant($"lease until {task.LeaseExpiresAt:yyyy-MM-dd HH:mm:ss} UTC, by a clock that was ahead, ")
            + $"was not renewed while it was watched for {Duration.Format(LeaseWatch.LengthOf(task))}";
}

/// <summary>What a look has left behind.</summary>
internal readonly record struct RescueReport
{
    /// <summary>How many running tasks it had to look at.</summary>
    public required int Looked { get; init; }

    /// <summary>Tasks of the caller's types whose lease nobody renews: it is watched until it may be taken back.</summary>
    public required int Unrenewed { get; init; }

    /// <summary>Tasks of the caller's types whose lease holds, and whose worker has given no sign of life since the first look.</summary>
    public required int Doubtful { get; init; }

    /// <summary>A lease was watched to its end: the next look may take its task back.</summary>
    public required bool IsAnyOverdue { get; init; }
}
