namespace TaskQueue.Server;

/// <summary>A task, as the original's clients know it. Further keys may come; these keep their names, types and meanings.</summary>
internal sealed record TaskBody
{
    public required string TaskId { get; init; }

    public required string TaskType { get; init; }

    /// <summary>1 to 10, lower runs first.</summary>
    public required int Priority { get; init; }

    /// <summary>pending, retry, running, success, failed or cancelled.</summary>
    public required string Status { get; init; }

    /// <summary>The JSON that the task carries; a string if it is not JSON.</summary>
    public StoredJson? Data { get; init; }

    public StoredJson? Result { get; init; }

    public string? ErrorMessage { get; init; }

    public required int RetryCount { get; init; }

    public required int MaxRetries { get; init; }

    public string? CreatedAt { get; init; }

    /// <summary>When it may be claimed; null where the layout has no due times.</summary>
    public string? DueAt { get; init; }

    public string? StartedAt { get; init; }

    public string? CompletedAt { get; init; }

    public static TaskBody Of(QueueTask task, ApiTimes times) => new()
    {
        TaskId = task.Id,
        TaskType = task.Type,
        Priority = task.Priority,
        Status = task.StatusText,
        Data = StoredJson.Of(task.DataJson),
        Result = StoredJson.Of(task.ResultJson),
        ErrorMessage = task.ErrorMessage,
        RetryCount = task.RetryCount,
        MaxRetries = task.MaxRetries,
        CreatedAt = times.Write(task.CreatedAt),
        DueAt = times.Write(task.DueAt),
        StartedAt = times.Write(task.StartedAt),
        CompletedAt = times.Write(task.CompletedAt),
    };
}
