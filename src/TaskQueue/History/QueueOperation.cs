namespace TaskQueue;

/// <summary>An operation as the log tells it. All times are UTC.</summary>
public sealed record QueueOperation
{
    public required Guid Id { get; init; }

    /// <summary>Such as <c>force cancel</c> or <c>cleanup</c>; <c>work</c> stands for one start of a worker.</summary>
    public required string Kind { get; init; }

    /// <summary>When it wrote its first event.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Who did it.</summary>
    public required Actor Actor { get; init; }

    /// <summary>The user's name as the operating system told it.</summary>
    public string User => Actor.User;

    /// <summary>The machine's name.</summary>
    public string Machine => Actor.Machine;

    /// <summary>The process id on that machine.</summary>
    public int ProcessId => Actor.ProcessId;

    /// <inheritdoc cref="Actor.Command"/>
    public string Command => Actor.Command;

    /// <summary>The operator's own words, if any.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// The number of its events: for an operator's action, how many tasks it changed. 0 for an import, a copy and a restore, which write no
    /// event for each task.
    /// </summary>
    public required long Tasks { get; init; }

    /// <summary>The operation that this one undid; null for any but an undo.</summary>
    public Guid? Undoes { get; init; }

    /// <summary>The last operation that undid this one; null for none.</summary>
    public Guid? UndoneBy { get; init; }

    /// <summary>The queue the log belongs to.</summary>
    public required string Queue { get; init; }

    public override string ToString() => Id.ToString();
}
