namespace TaskQueue;

/// <summary>Where a task stands in its life. Stores keep the lower-case name.</summary>
public enum QueueTaskStatus
{
    /// <summary>
    /// A word this product does not know, found in a file of the original system; see <see cref="QueueTask.StatusText"/>.
    /// </summary>
    Unknown = 0,

    /// <summary>Waits for a worker.</summary>
    Pending,

    /// <summary>Failed at least once and waits for its next try.</summary>
    Retry,

    /// <summary>A worker has claimed it.</summary>
    Running,

    /// <summary>Finished well.</summary>
    Success,

    /// <summary>Finished badly, or was stopped by force.</summary>
    Failed,

    /// <summary>Taken back before a worker claimed it.</summary>
    Cancelled,
}
