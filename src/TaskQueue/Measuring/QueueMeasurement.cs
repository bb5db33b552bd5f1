namespace TaskQueue;

/// <summary>The state of a queue in figures.</summary>
public sealed record QueueMeasurement
{
    public required string Queue { get; init; }

    /// <summary>The types counted; null for all.</summary>
    public string? Type { get; init; }

    public long Pending { get; init; }

    public long Retry { get; init; }

    public long Running { get; init; }

    public long Success { get; init; }

    public long Failed { get; init; }

    public long Cancelled { get; init; }

    /// <summary>Tasks with a status this product does not know.</summary>
    public long Unknown { get; init; }

    public long Total { get; init; }

    /// <summary>The age of the oldest pending or retry task that is due; null if there is none.</summary>
    public TimeSpan? OldestWaiting { get; init; }

    /// <summary>The age of the oldest running task; null if there is none.</summary>
    public TimeSpan? OldestRunning { get; init; }

    /// <summary>From creation, or the due time if later, to the start of the last attempt, over tasks finished in the period.</summary>
    public Percentiles? WaitingTime { get; init; }

    /// <summary>
    /// From the start of the successful attempt to its end, over tasks that ended well in the period. What failed or was stopped does not
    /// count.
    /// </summary>
    public Percentiles? RunningTime { get; init; }

    /// <summary>
    /// The same for each type that was counted, in the order of their names. A limit for stuck tasks below a type's p99 convicts one in a
    /// hundred that would have ended by itself.
    /// </summary>
    public IReadOnlyList<TypeMeasurement> Types { get; init; } = [];

    /// <summary>
    /// Tasks that ended by themselves in the period, by success or failure, per hour; null without a period. What an operator or a cleanup
    /// has cancelled or stopped does not count.
    /// </summary>
    public double? FinishedPerHour { get; init; }

    /// <summary>The period looked at for times and rate, back from now; null for all time.</summary>
    public TimeSpan? Since { get; init; }
}
