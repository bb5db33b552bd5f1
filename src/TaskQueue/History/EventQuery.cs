namespace TaskQueue;

/// <summary>Which events to read. All conditions must hold.</summary>
public sealed record EventQuery
{
    /// <summary>The exact id of a task.</summary>
    public string? TaskId { get; init; }

    public Guid? OperationId { get; init; }
}
