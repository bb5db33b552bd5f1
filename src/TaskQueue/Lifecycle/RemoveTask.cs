namespace TaskQueue;

/// <summary>Deletes the task; a running one only with force. The row is kept in the trash unless that is waived.</summary>
public sealed record RemoveTask(string Id, string? Revision = null, bool Force = false, bool KeepForUndo = true)
    : OperatorChange(Id, Revision)
{
    /// <summary>What the log calls a removal.</summary>
    public const string OperationKind = "remove";

    public override string Kind => OperationKind;

    protected override bool Accepts(QueueTaskStatus status) =>
        status.IsWaiting() || status.IsFinished() || (Force && status is QueueTaskStatus.Running);

    protected override Transition Change(QueueTask before, DateTimeOffset now) => new()
    {
        Outcome = TaskOutcomeKind.Applied,
        Removes = true,
        KeepsForUndo = KeepForUndo,
        EventKind = Kind,
    };
}
