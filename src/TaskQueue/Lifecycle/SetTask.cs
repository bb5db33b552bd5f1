namespace TaskQueue;

/// <summary>Changes a waiting task's settings; null leaves a field as it is.</summary>
public sealed record SetTask(string Id, string? Revision = null) : OperatorChange(Id, Revision)
{
    public int? Priority { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public int? MaxRetries { get; init; }

    public string? DataJson { get; init; }

    public override string Kind => "set";

    public override void Validate()
    {
        TaskRules.CheckPriority(Priority ?? NewTask.DefaultPriority);
        TaskRules.CheckMaxRetries(MaxRetries ?? NewTask.DefaultMaxRetries);
        TaskRules.CheckJson(DataJson, "Data");
    }

    protected override bool Accepts(QueueTaskStatus status) => status.IsWaiting();

    protected override Transition Change(QueueTask before, DateTimeOffset now) => Transition.To(
        before with
        {
            Priority = Priority ?? before.Priority,
            DueAt = DueAt ?? before.DueAt,
            // A wait that began in the future tells of a clock that was ahead. This due time was chosen by an operator now.
            StateSince = DueAt is not null && before.StateSince > now ? now : before.StateSince,
            MaxRetries = MaxRetries ?? before.MaxRetries,
            DataJson = DataJson ?? before.DataJson,
        },
        Kind);
}
