namespace TaskQueue;

/// <summary>
/// Takes a decision back: the task is as it was before an operation changed it. That nothing changed it since has been found out from the
/// log.
/// </summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Former">The task as it is to be again.</param>
/// <param name="Note">How a task that was running comes back, for the log; null for any other.</param>
public sealed record UndoTask(string Id, QueueTask Former, string? Note) : OperatorChange(Id, Revision: null)
{
    public override string Kind => NewOperation.Undo;

    protected override bool Accepts(QueueTaskStatus status) => true;

    protected override Transition Change(QueueTask before, DateTimeOffset now) => Transition.To(Former.WaitAgain(now), Kind) with
    {
        EventDetails = Note,
    };
}
