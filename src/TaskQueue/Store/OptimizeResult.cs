namespace TaskQueue;

/// <summary>What an optimization did.</summary>
public sealed record OptimizeResult
{
    public required string Queue { get; init; }

    /// <summary>
    /// What the queue took on the disk before: its file, what the database keeps beside it, the operations log of the original layout.
    /// </summary>
    public required long BytesBefore { get; init; }

    /// <summary>The same afterwards. While other processes read, what was freed may leave the disk only later.</summary>
    public required long BytesAfter { get; init; }

    /// <summary>Events of the history that were older than was to be kept.</summary>
    public required long EventsExpired { get; init; }

    /// <summary>Removed tasks that can no longer be brought back.</summary>
    public required long RemovedExpired { get; init; }

    /// <summary>
    /// False for the original layout, whose file is left as it is: its space could be reclaimed only by writing it anew, with its service
    /// locked out.
    /// </summary>
    public required bool IsReclaimed { get; init; }

    /// <summary>What failed once the history had let go of what was old.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public required TimeSpan Elapsed { get; init; }
}
