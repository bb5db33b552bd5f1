namespace TaskQueue;

/// <summary>pending, retry → cancelled.</summary>
public sealed record CancelTask(string Id, string? Revision = null) : OperatorChange(Id, Revision)
{
    public override string Kind => "cancel";

    protected override bool Accepts(QueueTaskStatus status) => status.IsWaiting();

    protected override Transition Change(QueueTask before, DateTimeOffset now) =>
        Transition.To(before.Enter(QueueTaskStatus.Cancelled, now) with { CompletedAt = now }, Kind);
}
