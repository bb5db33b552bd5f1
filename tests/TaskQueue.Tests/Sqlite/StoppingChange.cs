namespace TaskQueue.Tests.Sqlite;

/// <summary>A change that throws when it is carried out.</summary>
internal sealed record StoppingChange(string Id) : TaskChange(Id)
{
    public override string Kind => "stop";

    protected override Transition Decide(QueueTask before, DateTimeOffset now) => throw new InvalidOperationException("Stopped.");
}
