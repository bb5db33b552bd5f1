namespace TaskQueue;

/// <summary>A change an operator asks for. Its event is a decision, which an undo takes back.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Revision">The revision of the task object acted on. Null when only an id was given: then the status alone is
/// checked.</param>
public abstract record OperatorChange(string Id, string? Revision) : TaskChange(Id)
{
    /// <summary>The statuses this change starts from.</summary>
    protected abstract bool Accepts(QueueTaskStatus status);

    /// <summary>The task after the change; called only if status and revision allow it.</summary>
    protected abstract Transition Change(QueueTask before, DateTimeOffset now);

    /// <summary>A further condition beside status and revision, such as the fact that convicted a stuck task.</summary>
    protected virtual bool StillHolds(QueueTask before) => true;

    protected sealed override Transition Decide(QueueTask before, DateTimeOffset now)
    {
        if (!Accepts(before.Status))
        {
            return Transition.Refused(TaskOutcomeKind.WrongStatus);
        }

        // An operator decides on what he saw: whatever changed since then is left alone and reported.
        if ((Revision is not null && Revision != before.Revision) || !StillHolds(before))
        {
            return Transition.Refused(TaskOutcomeKind.Superseded);
        }

        var changed = Change(before, now);
        return changed with { IsUndoable = changed.EventKind is not null };
    }
}
