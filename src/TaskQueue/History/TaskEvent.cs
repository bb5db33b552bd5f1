namespace TaskQueue;

/// <summary>What happened to one task. All times are UTC.</summary>
public sealed record TaskEvent
{
    public required DateTimeOffset Time { get; init; }

    /// <summary>Such as <c>force cancel</c>, <c>failure</c>, <c>recovery</c>, <c>late result</c>, <c>undo</c>.</summary>
    public required string Event { get; init; }

    /// <summary>
    /// True for what an operator decided: an undo of the operation takes it back. False for facts, such as a failure or a late result.
    /// Each change says it of its own event, and the log keeps it. So events of changes that this version does not know can be undone too.
    /// </summary>
    public bool IsUndoable { get; init; }

    /// <summary>The task, which may be gone since.</summary>
    public required string TaskId { get; init; }

    public required Guid OperationId { get; init; }

    /// <summary>Who did it, such as <c>ops@web01:4711</c>, and through which command.</summary>
    public required string By { get; init; }

    /// <summary>The operator's own words, if any.</summary>
    public string? Reason { get; init; }

    /// <summary>The status before; null where it did not change, or there was no task.</summary>
    public string? StatusBefore { get; init; }

    /// <summary>The status after; null where it did not change, or there was no task any more.</summary>
    public string? StatusAfter { get; init; }

    /// <summary>What the states do not tell, such as the text of a late result.</summary>
    public string? Details { get; init; }

    /// <summary>The fields that changed, as they were: a JSON object, times in unix milliseconds; null for none.</summary>
    public string? BeforeJson { get; init; }

    /// <summary>The same fields as they were after it.</summary>
    public string? AfterJson { get; init; }

    /// <summary>The task's revision after it; null where there was no task any more.</summary>
    public string? Revision { get; init; }

    /// <summary>The queue the log belongs to.</summary>
    public required string Queue { get; init; }
}
