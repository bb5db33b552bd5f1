namespace TaskQueue;

/// <summary>pending, retry, running → failed, with the message the original system used.</summary>
public sealed record ForceCancelTask(string Id, string? Revision = null) : OperatorChange(Id, Revision)
{
    public const string Message = "Force cancelled by user";

    public override string Kind => "force cancel";

    protected override bool Accepts(QueueTaskStatus status) => status.IsWaiting() || status is QueueTaskStatus.Running;

    protected override Transition Change(QueueTask before, DateTimeOffset now) =>
        Transition.To(before.ToForcedFailure(Message, now), Kind);
}
