namespace TaskQueue.Tests.Sqlite;

/// <summary>A change that throws when it is carried out.</summary>
internal sealed record StoppingChange(string Id) : TaskChange(Id)
{
    public override string Kind => "stop";

    public override Transition Apply(QueueTask before, DateTimeOffset now) => throw new InvalidOperationException("Stopped.");
}
