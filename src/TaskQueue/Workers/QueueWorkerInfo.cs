namespace TaskQueue;

/// <summary>A worker as people see it: alive or dead, with the fact that says so, and what it runs. All times are UTC.</summary>
public sealed record QueueWorkerInfo
{
    /// <summary>Which start of the worker.</summary>
    public required Guid Id { get; init; }

    /// <summary>What tasks call it, such as <c>web01:4711</c>.</summary>
    public required string Name { get; init; }

    public required string Machine { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>The user its process runs as.</summary>
    public required string User { get; init; }

    public required WorkerKind Kind { get; init; }

    public required QueueWorkerState State { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its last sign of life.</summary>
    public required DateTimeOffset HeartbeatAt { get; init; }

    /// <summary>Time since <see cref="HeartbeatAt"/> by the queue's clock, fixed when it was read.</summary>
    public required TimeSpan HeartbeatAge { get; init; }

    /// <summary>How long its claims hold without a heartbeat.</summary>
    public required TimeSpan LeaseTime { get; init; }

    /// <summary>How many tasks it runs at a time.</summary>
    public required int Concurrency { get; init; }

    /// <summary>The types it has handlers for.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>What this machine can tell of its process.</summary>
    public required LivenessState Liveness { get; init; }

    /// <summary>The fact behind <see cref="State"/> being alive or dead.</summary>
    public required string Evidence { get; init; }

    /// <summary>The ids of the tasks it holds.</summary>
    public required IReadOnlyList<string> Tasks { get; init; }

    /// <summary>How many tasks it holds.</summary>
    public int Running => Tasks.Count;

    /// <summary>The queue it works on.</summary>
    public required string Queue { get; init; }

    /// <summary>The id: what names the worker without doubt.</summary>
    public override string ToString() => Id.ToString();

    /// <summary>The workers of a queue, the longest at work first, each looked at once.</summary>
    public static IReadOnlyList<QueueWorkerInfo> Read(ITaskStore store, CancellationToken cancellation)
    {
        var running = new TaskQuery { Statuses = [QueueTaskStatus.Running], IncludePayload = false };
        var records = store.Workers.Read(cancellation);
        var tasks = records.Count == 0
            ? Enumerable.Empty<QueueTask>().ToLookup(task => task.WorkerId, task => task.Id)
            : store.Read(running, cancellation).ToLookup(task => task.WorkerId, task => task.Id);
        var now = store.Now;
        return
        [
            .. records
                .OrderBy(record => record.StartedAt)
                .Select(record => Of(
                    record, HostProcesses.LivenessOf(record.Identity), [.. tasks[record.Identity.Id]], now, store.Info.Queue)),
        ];
    }

    /// <summary>Judges a worker: by its process where that can be seen, and else by its heartbeat.</summary>
    public static QueueWorkerInfo Of(WorkerRecord record, Liveness liveness, IReadOnlyList<string> tasks, DateTimeOffset now, string queue)
    {
        var silence = now - record.HeartbeatAt;
        var isSilent = !record.GaveSignOfLife(now);
        return new QueueWorkerInfo
        {
            Id = record.Identity.Id,
            Name = record.Identity.Name,
            Machine = record.Identity.Machine,
            ProcessId = record.Identity.ProcessId,
            User = record.Identity.User,
            Kind = record.Kind,
            State = StateOf(record, liveness.State is LivenessState.Gone || (liveness.State is LivenessState.Unknown && isSilent)),
            StartedAt = record.StartedAt,
            HeartbeatAt = record.HeartbeatAt,
            HeartbeatAge = silence,
            LeaseTime = record.LeaseTime,
            Concurrency = record.Concurrency,
            Types = record.Types,
            Liveness = liveness.State,
            Evidence = liveness.State is LivenessState.Unknown
                ? $"heartbeat {AgeOf(silence)}, lease {Duration.Format(record.LeaseTime)}; its process cannot be seen from here"
                : liveness.Evidence,
            Tasks = tasks,
            Queue = queue,
        };
    }

    private static string AgeOf(TimeSpan silence) => silence < TimeSpan.Zero
        ? $"{Duration.FormatAge(-silence)} in the future, since the clocks differ"
        : $"{Duration.FormatAge(silence)} ago";

    private static QueueWorkerState StateOf(WorkerRecord record, bool isDead) => record switch
    {
        _ when isDead => QueueWorkerState.Dead,
        { StopRequested: WorkerStopMode.Force } => QueueWorkerState.Stopping,
        { StopRequested: WorkerStopMode.Drain } or { IsDraining: true } => QueueWorkerState.Draining,
        _ => QueueWorkerState.Working,
    };
}
