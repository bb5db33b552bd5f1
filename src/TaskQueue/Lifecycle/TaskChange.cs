namespace TaskQueue;

/// <summary>
/// One row of the transition table: a pure function from the task as it stands to the task after the change. A store reads
/// the row, applies the change and writes the result in one transaction; so every store has the same life cycle.
/// </summary>
/// <param name="Id">The task's exact id.</param>
public abstract record TaskChange(string Id)
{
    /// <summary>What the log calls this change, such as <c>force cancel</c>.</summary>
    public abstract string Kind { get; }

    /// <summary>False for heartbeat and progress alone: they say that the task goes on, not that it changed.</summary>
    public virtual bool BumpsRevision => true;

    /// <summary>Throws <see cref="TaskValidationException"/> for a value no task may have.</summary>
    public virtual void Validate()
    {
        // Most changes carry nothing that could be wrong.
    }

    /// <summary>False if neither data nor result matter to it: then they are not read, and are missing from the outcome's task.</summary>
    public virtual bool NeedsPayload => true;

    /// <summary>
    /// False where the worker that holds the task asks for the change itself, or is gone: from any other change that ends a claim
    /// the store makes a <see cref="TaskStop"/>, so that the worker is told.
    /// </summary>
    public virtual bool TellsWorker => true;

    /// <summary>What this change makes of <paramref name="before"/> at <paramref name="now"/>.</summary>
    public abstract Transition Apply(QueueTask before, DateTimeOffset now);

    /// <summary>What becomes of this change where no task has the id.</summary>
    public virtual Transition ApplyToMissing() => Transition.Refused(TaskOutcomeKind.NotFound);
}
