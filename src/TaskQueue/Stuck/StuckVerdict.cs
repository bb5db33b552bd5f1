namespace TaskQueue;

/// <summary>How a running task is judged.</summary>
public enum StuckVerdict
{
    /// <summary>Nothing speaks against it.</summary>
    Healthy,

    /// <summary>Its lease holds, but it runs for longer than the operator's limit. Reported, and left alone unless asked for.</summary>
    Slow,

    /// <summary>There is no heartbeat data at all, as with the original system's tasks: age is the only evidence.</summary>
    Silent,

    /// <summary>Its worker lives, and yet its lease expired, or it made no progress for longer than its type may.</summary>
    Stalled,

    /// <summary>Its worker's process is proven gone, or its lease expired and nothing says that its worker lives.</summary>
    Dead,
}
