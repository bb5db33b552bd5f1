namespace TaskQueue.Tests.Store;

/// <summary>A change that changes nothing and is logged all the same.</summary>
internal sealed record TouchTask(string Id) : OperatorChange(Id, Revision: null)
{
    public override string Kind => "touch";

    protected override bool Accepts(QueueTaskStatus status) => true;

    protected override Transition Change(QueueTask before, DateTimeOffset now) => Transition.To(before, Kind);
}
