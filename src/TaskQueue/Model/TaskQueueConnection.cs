namespace TaskQueue;

/// <summary>A queue as a session is connected to it.</summary>
public sealed record TaskQueueConnection
{
    /// <summary>The location, without secrets.</summary>
    public required string Queue { get; init; }

    public required string Kind { get; init; }

    public required QueueLayout Layout { get; init; }

    /// <inheritdoc cref="QueueInfo.SchemaVersion"/>
    public required int SchemaVersion { get; init; }

    /// <inheritdoc cref="QueueInfo.UtcOffset"/>
    public TimeSpan? UtcOffset { get; init; }

    /// <inheritdoc cref="QueueInfo.News"/>
    public QueueNews? News { get; init; }

    public required Durability Durability { get; init; }

    /// <summary>How long a call waits for a lock another process holds.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>False if the queue could not be read just now; the figures are then missing.</summary>
    public required bool IsReachable { get; init; }

    public long? Tasks { get; init; }

    public long? Running { get; init; }

    /// <summary>The age of the task that has been running longest.</summary>
    public TimeSpan? OldestRunning { get; init; }

    public override string ToString() => Queue;
}
