namespace TaskQueue;

/// <summary>One task of an undo.</summary>
public sealed record UndoneTask
{
    public required string Id { get; init; }

    /// <summary>The status it has now; null if it was left alone.</summary>
    public string? Status { get; init; }

    /// <summary>Of a task that was running: how it came back, and why so; else null.</summary>
    public string? Note { get; init; }

    /// <summary>Why it was left alone; null if it was brought back.</summary>
    public string? SkipReason { get; init; }

    public override string ToString() => Id;
}
