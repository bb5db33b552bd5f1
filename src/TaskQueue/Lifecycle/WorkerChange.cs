namespace TaskQueue;

/// <summary>A change that the worker holding a claim asks for.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The token of the worker's claim.</param>
public abstract record WorkerChange(string Id, Guid Token) : TaskChange(Id)
{
    /// <summary>The task after the change; called only while the claim holds.</summary>
    protected abstract Transition Change(QueueTask before, DateTimeOffset now);

    public sealed override bool TellsWorker => false;

    /// <summary>True if this very change was applied by an earlier call whose answer was lost.</summary>
    protected virtual bool IsInPlace(QueueTask before) => false;

    /// <summary>What the log keeps of a change that came too late; null for nothing worth keeping.</summary>
    protected virtual string? LateDetails => null;

    public sealed override Transition Apply(QueueTask before, DateTimeOffset now)
    {
        // The fence: row and token must match. A late result is kept as an event, never as the task's state.
        if (before.ClaimToken != Token)
        {
            return Late(TaskOutcomeKind.Superseded);
        }

        if (before.Status is QueueTaskStatus.Running)
        {
            return Change(before, now);
        }

        return IsInPlace(before) ? Transition.AlreadyApplied : Late(TaskOutcomeKind.Superseded);
    }

    /// <summary>The result of a task that was removed meanwhile is kept as well.</summary>
    public sealed override Transition ApplyToMissing() => Late(TaskOutcomeKind.NotFound);

    private Transition Late(TaskOutcomeKind outcome) => Transition.Refused(outcome) with
    {
        EventKind = LateDetails is null ? null : "late result",
        EventDetails = LateDetails,
    };
}
