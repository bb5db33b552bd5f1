using System.Text.Json.Serialization;

namespace TaskQueue.Server;

/// <summary>A task to be put into the queue.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewTaskRequest
{
    /// <summary>What kind of work it is.</summary>
    public required string TaskType { get; init; }

    /// <summary>The task's own id, which makes the call safe to repeat; a version 7 UUID by default.</summary>
    public string? TaskId { get; init; }

    /// <summary>What the handler needs: any JSON.</summary>
    public StoredJson? Data { get; init; }

    /// <summary>1 (runs first) to 10; 5 by default.</summary>
    public int? Priority { get; init; }

    /// <summary>How many retries it may have, from 0; 3 by default.</summary>
    public int? MaxRetries { get; init; }

    /// <summary>The earliest time it may run, with its offset. Excludes delay_seconds.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How many seconds it waits before it may run, 0 or more. Excludes due_at.</summary>
    public double? DelaySeconds { get; init; }

    /// <summary>How many seconds a single attempt may run, above 0; no limit by default.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>The task for the engine, which checks all else.</summary>
    public NewTask ToTask()
    {
        var task = new NewTask
        {
            Type = TaskType,
            DataJson = Data?.Text,
            Priority = Priority ?? NewTask.DefaultPriority,
            MaxRetries = MaxRetries ?? NewTask.DefaultMaxRetries,
            DueAt = DueAt?.ToUniversalTime(),
            Delay = Seconds(DelaySeconds, "delay_seconds"),
            Timeout = Seconds(TimeoutSeconds, "timeout_seconds"),
        };
        return TaskId is null ? task : task with { Id = TaskId };
    }

    private static TimeSpan? Seconds(double? value, string name) => value is not { } seconds
        ? null
        : seconds >= 0 && seconds <= Duration.Longest.TotalSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new ValidationException("body", name, $"{name} is a number from 0 to {Duration.Longest.TotalSeconds}.");
}
