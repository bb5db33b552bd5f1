namespace TaskQueue.Tests.Store;

/// <summary>A change that no store, cmdlet or endpoint knows: pending, retry, running → pending, before all others.</summary>
internal sealed record ExpediteTask(string Id, string? Revision = null) : OperatorChange(Id, Revision)
{
    /// <summary>A running task goes on under its claim.</summary>
    public bool LetsRun { get; init; }

    public override string Kind => "expedite";

    protected override bool Accepts(QueueTaskStatus status) => status.IsWaiting() || status is QueueTaskStatus.Running;

    protected override Transition Change(QueueTask before, DateTimeOffset now) =>
        Transition.To(
            (LetsRun && before.Status is QueueTaskStatus.Running ? before : before.ToPending(now)) with { Priority = 1 }, Kind) with
        {
            EventDetails = "the customer is on the phone",
        };
}
