namespace TaskQueue;

/// <summary>What kind of queue a store serves.</summary>
public sealed record QueueInfo
{
    /// <summary>The queue's location as shown to people and carried by its tasks; never a secret.</summary>
    public required string Queue { get; init; }

    /// <summary>The database engine, such as <c>SQLite</c>.</summary>
    public required string Kind { get; init; }

    public required QueueLayout Layout { get; init; }

    /// <summary>The version of the native layout; 0 for the original's.</summary>
    public required int SchemaVersion { get; init; }

    /// <summary>
    /// Original layout: the offset of the local times its service wrote, null while no row tells it. Native layout: zero, all times are
    /// UTC.
    /// </summary>
    public TimeSpan? UtcOffset { get; init; }

    /// <summary>On a server: how changes by other processes are learned of. Null for a file.</summary>
    public QueueNews? News { get; init; }
}

/// <summary>How changes by other processes are learned of.</summary>
public enum QueueNews
{
    /// <summary>The server tells of them at once.</summary>
    Listening,

    /// <summary>
    /// They are looked for, four times a second: there is a pooler, through which the server cannot tell, or the server has no notices.
    /// </summary>
    Polling,
}

/// <summary>Whose tables a queue has.</summary>
public enum QueueLayout
{
    /// <summary>This product's own.</summary>
    TaskQueue,

    /// <summary>Those of the Python service this product replaces, served in place.</summary>
    Original,
}
