namespace TaskQueue;

/// <summary>What an undo brought back and what it left alone. Not sealed: the module writes it as a report for people.</summary>
public record UndoResult
{
    public required string Queue { get; init; }

    /// <summary>The operation that was undone, as it stood before.</summary>
    public required QueueOperation Undone { get; init; }

    /// <summary>True if nothing was changed because only the plan was asked for.</summary>
    public required bool IsPlanOnly { get; init; }

    /// <summary>False if it failed on the way: then the same undo, repeated, goes on with the rest.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>The undo's own operation, which can be undone in turn; null if nothing was changed.</summary>
    public Guid? OperationId { get; init; }

    /// <summary>The tasks that were brought back, the last change first.</summary>
    public required IReadOnlyList<UndoneTask> Restored { get; init; }

    /// <summary>The tasks left alone, each with its reason.</summary>
    public required IReadOnlyList<UndoneTask> Skipped { get; init; }

    /// <summary>What holds for the undo as a whole.</summary>
    public required IReadOnlyList<string> Remarks { get; init; }

    /// <summary>What failed after tasks were brought back. What was done stays done.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
