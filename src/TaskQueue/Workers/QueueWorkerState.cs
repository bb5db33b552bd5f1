namespace TaskQueue;

/// <summary>What a worker is doing.</summary>
public enum QueueWorkerState
{
    /// <summary>It takes tasks.</summary>
    Working,

    /// <summary>It takes no new tasks and finishes those that run; also from the moment it is asked to.</summary>
    Draining,

    /// <summary>It was asked to stop its tasks and to end.</summary>
    Stopping,

    /// <summary>Its process is gone, or where that cannot be seen: it gave no sign of life for longer than its lease time.</summary>
    Dead,
}
