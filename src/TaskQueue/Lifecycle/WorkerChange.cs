namespace TaskQueue;

/// <summary>A change that the worker holding a claim asks for.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The token of the worker's claim.</param>
public abstract record WorkerChange(string Id, Guid Token) : TaskChange(Id)
{
    /// <summary>What the log calls a result or failure that came when the claim was gone.</summary>
    public const string LateResult = "late result";

    /// <summary>
    /// The task as its holder claimed it. A store then need not read it: where the row still has its token and revision, the change is
    /// decided by this copy. Heartbeats change neither, so this is only for a change that neither needs nor clears what they write.
    /// </summary>
    public QueueTask? Claimed { get; init; }

    /// <summary>
    /// True if it carries the result of the work. If it is refused, whoever reports it should say what became of the result.
    /// </summary>
    public virtual bool CarriesResult => false;

    public sealed override LayoutFeatures Requires => LayoutFeatures.Claims;

    protected sealed override bool WorkerMustBeTold => false;

    /// <summary>
    /// False for a heartbeat alone. After any other change the worker lets go of the task, even if the change was refused.
    /// </summary>
    protected virtual bool LetsGo => true;

    /// <summary>What the log keeps of a change that came too late; null for nothing worth keeping.</summary>
    protected virtual string? LateDetails => null;

    /// <summary>The task after the change; called only while the claim holds.</summary>
    protected abstract Transition Change(QueueTask before, DateTimeOffset now);

    /// <summary>True if this very change was applied by an earlier call whose answer was lost.</summary>
    protected virtual bool IsInPlace(QueueTask before) => false;

    /// <summary>The result of a task that was removed meanwhile is kept as well.</summary>
    public sealed override Transition ApplyToMissing() => Late(TaskOutcomeKind.NotFound);

    protected sealed override Transition Decide(QueueTask before, DateTimeOffset now)
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

    // Only a task that others can claim now is announced: a notice wakes every process that watches the queue.
    protected sealed override bool IsNews(Transition decided) => decided.After is { Gate: TaskGate.Open };

    private Transition Late(TaskOutcomeKind outcome) => Transition.Refused(outcome) with
    {
        EventKind = LateDetails is null ? null : LateResult,
        EventDetails = LateDetails,
        RefusedClaim = LetsGo ? Token : null,
    };
}
