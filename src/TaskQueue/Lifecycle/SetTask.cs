namespace TaskQueue;

/// <summary>Changes a waiting task's settings; null leaves a field as it is.</summary>
public sealed record SetTask(string Id, string? Revision = null) : OperatorChange(Id, Revision)
{
    public int? Priority { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public int? MaxRetries { get; init; }

    public string? Type { get; init; }

    /// <summary>The longest a single attempt may run; zero takes the limit away.</summary>
    public TimeSpan? Timeout { get; init; }

    public string? DataJson { get; init; }

    /// <summary>Takes the data away.</summary>
    public bool RemovesData { get; init; }

    public override string Kind => "set";

    public override LayoutFeatures Requires =>
        (Timeout is null ? LayoutFeatures.None : LayoutFeatures.Timeouts) | (DueAt is null ? LayoutFeatures.None : LayoutFeatures.DueTimes);

    public override void Validate()
    {
        TaskRules.CheckPriority(Priority ?? NewTask.DefaultPriority);
        TaskRules.CheckMaxRetries(MaxRetries ?? NewTask.DefaultMaxRetries);
        TaskRules.CheckJson(DataJson, "Data");
        if (Type is not null)
        {
            TaskRules.CheckType(Type);
        }

        if (Timeout < TimeSpan.Zero)
        {
            throw new TaskValidationException("Timeout must not be negative.", "Give 0s for no limit.") { Field = nameof(Timeout) };
        }
    }

    protected override bool Accepts(QueueTaskStatus status) => status.IsWaiting();

    protected override Transition Change(QueueTask before, DateTimeOffset now)
    {
        var changed = before with
        {
            Priority = Priority ?? before.Priority,
            // A wait that began in the future tells of a clock that was ahead. This due time was chosen by an operator now.
            StateSince = DueAt is not null && before.StateSince > now ? now : before.StateSince,
            MaxRetries = MaxRetries ?? before.MaxRetries,
            Type = Type ?? before.Type,
            Timeout = Timeout switch
            {
                null => before.Timeout,
                { Ticks: 0 } => null,
                { } limit => limit,
            },
            DataJson = RemovesData ? null : DataJson ?? before.DataJson,
        };
        return Transition.To(DueAt is null ? changed : changed.WaitUntil(DueAt, now), Kind);
    }
}
