namespace TaskQueue.Tests.Sqlite;

/// <summary>A change that does something else in the middle of its transaction, and then changes the priority.</summary>
internal sealed record ActingChange(string Id, Action Act) : TaskChange(Id)
{
    public override string Kind => "act";

    protected override Transition Decide(QueueTask before, DateTimeOffset now)
    {
        Act();
        return Transition.To(before with { Priority = 1 });
    }
}
