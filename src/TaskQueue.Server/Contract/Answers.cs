namespace TaskQueue.Server;

/// <summary>An answer that carries data.</summary>
internal sealed record DataAnswer<T>(T Data)
{
    public bool Success { get; } = true;
}

/// <summary>A list, and how many items there are of what was asked for.</summary>
internal sealed record ListAnswer<T>(IReadOnlyList<T> Data, long Total)
{
    public bool Success { get; } = true;
}

/// <summary>A page of tasks.</summary>
/// <param name="Data">The tasks, the newest first.</param>
/// <param name="Total">How many tasks have the status and the types that were asked for.</param>
/// <param name="Summary">The counts of the whole queue.</param>
/// <param name="Stats">The same as GET /stats.</param>
/// <param name="NextCursor">The cursor that asks for the next page; null if this is the last.</param>
internal sealed record TaskListAnswer(IReadOnlyList<TaskBody> Data, long Total, Summary Summary, Stats Stats, string? NextCursor)
{
    public bool Success { get; } = true;
}

/// <summary>A line of the log of recent tasks.</summary>
internal sealed record RecentTask(
    string TaskId, string TaskType, string Status, StoredJson? Result, string? ErrorMessage, string? CreatedAt, string? CompletedAt);

/// <summary>What was done.</summary>
/// <param name="Message">In a sentence.</param>
/// <param name="OperationId">The operation it is undone by; null if nothing was changed.</param>
internal sealed record MessageAnswer(string Message, Guid? OperationId = null)
{
    public bool Success { get; } = true;
}

/// <summary>What became of a retry. The task keeps its id.</summary>
internal sealed record RetryAnswer(string Message, string NewTaskId, string OriginalTaskId, Guid? OperationId)
{
    public bool Success { get; } = true;
}

/// <summary>How many tasks were deleted.</summary>
/// <param name="Success">False if the call failed on the way. The same call, repeated, goes on with the rest.</param>
/// <param name="Message">In a sentence.</param>
/// <param name="DeletedCount">How many tasks were deleted.</param>
/// <param name="OperationId">The operation it is undone by; null if nothing was changed.</param>
/// <param name="Warnings">What failed after tasks were deleted.</param>
internal sealed record ClearAnswer(bool Success, string Message, long DeletedCount, Guid? OperationId, IReadOnlyList<string> Warnings);

/// <summary>What became of several tasks.</summary>
/// <param name="Success">False if every one failed.</param>
/// <param name="Message">In a sentence.</param>
/// <param name="SuccessCount">How many tasks were changed.</param>
/// <param name="FailedCount">How many tasks were refused.</param>
/// <param name="Errors">Why, for each task that was refused; null if there are none.</param>
/// <param name="OperationId">The operation it is undone by; null if nothing was changed.</param>
internal record BatchAnswer(
    bool Success, string Message, int SuccessCount, int FailedCount, IReadOnlyList<string>? Errors, Guid? OperationId);

/// <summary>The same, with the ids of the tasks that were restarted.</summary>
internal sealed record BatchRetryAnswer(
    bool Success, string Message, int SuccessCount, int FailedCount, IReadOnlyList<string>? Errors, Guid? OperationId,
    IReadOnlyList<string> NewTaskIds)
    : BatchAnswer(Success, Message, SuccessCount, FailedCount, Errors, OperationId);

/// <summary>Whether the API is there.</summary>
/// <param name="Enabled">Whether the queue can be read.</param>
internal sealed record HealthAnswer(bool Enabled)
{
    public string Status { get; } = "success";
}
