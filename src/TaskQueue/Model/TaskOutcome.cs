namespace TaskQueue;

/// <summary>How one conditional write ended for one task.</summary>
public enum TaskOutcomeKind
{
    /// <summary>The change is committed.</summary>
    Applied,

    /// <summary>No task has this id.</summary>
    NotFound,

    /// <summary>The task's status does not allow the change.</summary>
    WrongStatus,

    /// <summary>The task changed since it was read, or another claim holds it now.</summary>
    Superseded,

    /// <summary>The id is taken (enqueue and import only).</summary>
    Duplicate,
}

/// <summary>
/// What became of one task in a write. <paramref name="Task"/> is the task after the write, or as it stands if nothing was applied.
/// </summary>
public sealed record TaskOutcome(string Id, TaskOutcomeKind Kind, QueueTask? Task)
{
    /// <summary>
    /// The token of the claim that this write took from a worker, which is told of it; see <see cref="TaskStop"/>. Null for none.
    /// </summary>
    public Guid? EndedClaim { get; init; }
}
