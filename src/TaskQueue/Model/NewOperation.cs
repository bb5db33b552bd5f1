namespace TaskQueue;

/// <summary>One operator action: what the log calls it, who did it and why. Its id groups the events of all tasks it touched.</summary>
public sealed record NewOperation
{
    /// <summary>The kind of what workers and receiving sessions do by themselves: one operation for each start of one.</summary>
    public const string Work = "work";

    /// <summary>The kind of what takes an operation back.</summary>
    public const string Undo = "undo";

    /// <summary>The kind of what puts tasks in from elsewhere.</summary>
    public const string Import = "import";

    /// <summary>The kind of what takes over another queue.</summary>
    public const string Copy = "copy";

    /// <summary>The kind of what brings a queue back from a backup.</summary>
    public const string Restore = "restore";

    /// <summary>The kind of what asks a worker to end.</summary>
    public const string StopWorker = "stop worker";

    /// <summary>The kind of what answers stops for workers that have died.</summary>
    public const string AnswerStop = "stop";

    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>
    /// For changes of tasks their <see cref="TaskChange.Kind"/>, such as <c>cancel</c>; for anything else one of the words above.
    /// </summary>
    public required string Kind { get; init; }

    public required Actor Actor { get; init; }

    /// <summary>The operator's own words, if any.</summary>
    public string? Reason { get; init; }

    /// <summary>The operation that this one undoes; null for any but an undo.</summary>
    public Guid? Undoes { get; init; }
}
