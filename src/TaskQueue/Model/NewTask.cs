namespace TaskQueue;

/// <summary>A task to be put into a queue.</summary>
public sealed record NewTask
{
    /// <summary>5: the middle of 1 to 10.</summary>
    public const int DefaultPriority = 5;

    /// <summary>3 retries, as the original system had.</summary>
    public const int DefaultMaxRetries = 3;

    /// <summary>Made before the first try, so that a repeated call cannot enqueue twice.</summary>
    public string Id { get; init; } = Guid.CreateVersion7().ToString();

    /// <inheritdoc cref="QueueTask.Type"/>
    public required string Type { get; init; }

    /// <summary>JSON text or null.</summary>
    public string? DataJson { get; init; }

    /// <inheritdoc cref="QueueTask.Priority"/>
    public int Priority { get; init; } = DefaultPriority;

    /// <inheritdoc cref="QueueTask.MaxRetries"/>
    public int MaxRetries { get; init; } = DefaultMaxRetries;

    /// <summary>The earliest time to run; null for at once. Excludes <see cref="Delay"/>.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How long to wait before it may run, counted by the store's clock. Excludes <see cref="DueAt"/>.</summary>
    public TimeSpan? Delay { get; init; }

    /// <inheritdoc cref="QueueTask.Timeout"/>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Throws <see cref="TaskValidationException"/> for a task no queue should hold.</summary>
    public void Validate()
    {
        TaskRules.CheckId(Id);
        TaskRules.CheckType(Type);
        TaskRules.CheckPriority(Priority);
        TaskRules.CheckMaxRetries(MaxRetries);
        TaskRules.CheckJson(DataJson, "Data");
        if (DueAt is not null && Delay is not null)
        {
            throw new TaskValidationException(
                "DueAt and Delay exclude each other.",
                "Give the time with DueAt or the distance from now with Delay.") { Field = nameof(DueAt), OtherField = nameof(Delay) };
        }

        if (Delay < TimeSpan.Zero)
        {
            throw new TaskValidationException("Delay is negative.", "Leave it out to run the task at once.") { Field = nameof(Delay) };
        }

        if (Timeout <= TimeSpan.Zero)
        {
            throw new TaskValidationException(
                "Timeout must be longer than zero.", "Leave it out for no limit.") { Field = nameof(Timeout) };
        }
    }
}
