namespace TaskQueue;

/// <summary>One operator action: what the log calls it, who did it and why. Its id groups the events of all tasks it touched.</summary>
public sealed record Operation
{
    /// <summary>The kind of what workers and receiving sessions do by themselves: one operation for each start of one.</summary>
    public const string Work = "work";

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Such as <c>cancel</c>, <c>force cancel</c>, <c>cleanup</c>, <c>restart</c>, <c>remove</c>, <c>set</c>, <c>import</c>, <c>restore</c>.</summary>
    public required string Kind { get; init; }

    public required Actor Actor { get; init; }

    /// <summary>The operator's own words, if any.</summary>
    public string? Reason { get; init; }

    /// <summary>The operation that this one undoes; null for any but an undo.</summary>
    public Guid? Undoes { get; init; }
}
