namespace TaskQueue;

/// <summary>
/// One row of the transition table: a pure function from the task as it stands to the task after the change. A store reads the row, applies
/// the change and carries out the <see cref="Transition"/> in one transaction. So every store has the same life cycle.
/// </summary>
/// <param name="Id">The task's exact id.</param>
public abstract record TaskChange(string Id)
{
    /// <summary>What the log calls this change and an operation of such changes, for example <c>force cancel</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>
    /// False where the task goes on as it is: for a heartbeat, for progress, and for a task that has come due. Whoever read the task before
    /// may still act on it.
    /// </summary>
    public virtual bool BumpsRevision => true;

    /// <summary>False if the change needs neither data nor result. Then they are not read, and the outcome's task lacks them.</summary>
    public virtual bool NeedsPayload => true;

    /// <summary>What the queue's layout must be able to hold; not every layout can hold all of it.</summary>
    public virtual LayoutFeatures Requires => LayoutFeatures.None;

    /// <summary>
    /// False if the worker that holds the task asks for the change itself, or is gone. Otherwise it is told of a change that ends its
    /// claim.
    /// </summary>
    protected virtual bool WorkerMustBeTold => true;

    /// <summary>Throws <see cref="TaskValidationException"/> for a value no task may have.</summary>
    public virtual void Validate()
    {
        // Most changes carry nothing that could be wrong.
    }

    /// <summary>What this change makes of <paramref name="before"/> at <paramref name="now"/>.</summary>
    public Transition Apply(QueueTask before, DateTimeOffset now)
    {
        var decided = Decide(before, now);
        return decided with
        {
            EndedClaim = WorkerMustBeTold && EndsClaimOf(before, decided) ? before.ClaimToken : null,
            IsNews = IsNews(decided),
        };
    }

    /// <summary>What becomes of this change where no task has the id.</summary>
    public virtual Transition ApplyToMissing() => Transition.Refused(TaskOutcomeKind.NotFound);

    /// <summary>The outcome, the task after it and the event; the further effects are derived from these.</summary>
    protected abstract Transition Decide(QueueTask before, DateTimeOffset now);

    /// <summary>True if others may be waiting for what was decided: any change of a task, unless a kind of change knows better.</summary>
    protected virtual bool IsNews(Transition decided) => decided.Removes || decided.After is not null;

    private static bool EndsClaimOf(QueueTask before, Transition decided) =>
        before.Status is QueueTaskStatus.Running
        && (decided.Removes || (decided.After is { } after && after.ClaimToken != before.ClaimToken));
}
