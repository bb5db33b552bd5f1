namespace TaskQueue;

/// <summary>
/// The outcome of a <see cref="TaskChange"/> for one task, with all its effects. A store carries out what stands here, and asks nothing
/// about the change itself.
/// </summary>
public readonly record struct Transition
{
    public required TaskOutcomeKind Outcome { get; init; }

    /// <summary>The task after the change; null when nothing is to be written to its row.</summary>
    public QueueTask? After { get; init; }

    /// <summary>True if the row is to be deleted.</summary>
    public bool Removes { get; init; }

    /// <summary>With <see cref="Removes"/>: keep the row in the trash.</summary>
    public bool KeepsForUndo { get; init; }

    /// <summary>What the log calls it; null for the hot path (claim, completion, heartbeat), which stays one write.</summary>
    public string? EventKind { get; init; }

    /// <summary>What the log says beside the states, such as the text of a late result.</summary>
    public string? EventDetails { get; init; }

    /// <summary>The event is an operator's decision, which an undo of the operation takes back.</summary>
    public bool IsUndoable { get; init; }

    /// <summary>
    /// The claim that is taken from a worker which does not know of it yet: the store leaves it a <see cref="TaskStop"/>.
    /// </summary>
    public Guid? EndedClaim { get; init; }

    /// <summary>The claim whose worker is refused here. It knows from now on that the claim is over, and holds the task no more.</summary>
    public Guid? RefusedClaim { get; init; }

    /// <summary>Others may be waiting for this: the store wakes those who watch the queue.</summary>
    public bool IsNews { get; init; }

    /// <summary>Nothing is to be done but to write the row.</summary>
    public bool IsRowAlone =>
        this is { After: not null, Removes: false, EventKind: null, EndedClaim: null, RefusedClaim: null, IsNews: false };

    public static Transition Refused(TaskOutcomeKind outcome) => new() { Outcome = outcome };

    public static Transition To(QueueTask after, string? eventKind = null) =>
        new() { Outcome = TaskOutcomeKind.Applied, After = after, EventKind = eventKind };

    /// <summary>The change is in place already, from an earlier call whose answer was lost.</summary>
    public static Transition AlreadyApplied { get; } = new() { Outcome = TaskOutcomeKind.Applied };
}
