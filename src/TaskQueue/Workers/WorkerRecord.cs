namespace TaskQueue;

/// <summary>A worker as its queue knows it. All times are the queue's, in UTC.</summary>
public sealed record WorkerRecord
{
    public required WorkerIdentity Identity { get; init; }

    public WorkerKind Kind { get; init; }

    /// <summary>When it registered itself.</summary>
    public DateTimeOffset StartedAt { get; init; }

    /// <summary>Its last proof of life; each <see cref="IWorkerRegistration.Put"/> is one.</summary>
    public DateTimeOffset HeartbeatAt { get; init; }

    /// <summary>How long its claims hold without a heartbeat.</summary>
    public required TimeSpan LeaseTime { get; init; }

    /// <summary>How many tasks it runs at a time.</summary>
    public required int Concurrency { get; init; }

    /// <summary>The types it has handlers for.</summary>
    public required IReadOnlyList<string> Types { get; init; }

    /// <summary>For each type that has one: how long a task may run without a report of progress before it counts as stalled.</summary>
    public IReadOnlyDictionary<string, TimeSpan> ProgressTimeouts { get; init; } = new Dictionary<string, TimeSpan>();

    /// <summary>True once it takes no new tasks.</summary>
    public bool IsDraining { get; init; }

    /// <summary>What an operator asked of it; <see cref="IWorkerRegistration.Put"/> leaves it as it is.</summary>
    public WorkerStopMode StopRequested { get; init; }

    /// <summary>
    /// True if its last proof of life is no further from <paramref name="now"/> than its lease time. One in the future proves as little
    /// as an old one: its clock was ahead, and a live worker writes the next one at once when its clock is set.
    /// </summary>
    public bool GaveSignOfLife(DateTimeOffset now) => (now - HeartbeatAt).Duration() <= LeaseTime;
}

/// <summary>Who runs the tasks that were claimed.</summary>
public enum WorkerKind
{
    /// <summary>A worker with handlers: it can stop what it runs.</summary>
    Worker,

    /// <summary>A session that received tasks and completes them by itself: it is told of a stop, and its results are refused.</summary>
    Session,
}

/// <summary>What an operator asks of a worker.</summary>
public enum WorkerStopMode
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Take no new tasks, finish those that run, then end.</summary>
    Drain,

    /// <summary>Stop those that run too, put them back to pending, and end.</summary>
    Force,
}
