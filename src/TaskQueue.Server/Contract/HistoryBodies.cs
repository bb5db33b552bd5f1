namespace TaskQueue.Server;

/// <summary>What happened to a task.</summary>
internal sealed record EventBody(
    string Time,
    string Event,
    string TaskId,
    Guid OperationId,
    string By,
    string? Reason,
    string? StatusBefore,
    string? StatusAfter,
    string? Details,
    StoredJson? Before,
    StoredJson? After)
{
    public static EventBody Of(TaskEvent happened, ApiTimes times) => new(
        times.Write(happened.Time),
        happened.Event,
        happened.TaskId,
        happened.OperationId,
        happened.By,
        happened.Reason,
        happened.StatusBefore,
        happened.StatusAfter,
        happened.Details,
        StoredJson.Of(happened.BeforeJson),
        StoredJson.Of(happened.AfterJson));
}

/// <summary>Who did what to the queue, when, why, and to how many tasks.</summary>
internal sealed record OperationBody(
    Guid OperationId, string Kind, string At, string User, string Machine, int ProcessId, string Command, string? Reason, long? Tasks,
    Guid? Undoes, Guid? UndoneBy)
{
    public static OperationBody Of(QueueOperation operation, ApiTimes times) => new(
        operation.Id,
        operation.Kind,
        times.Write(operation.At),
        operation.User,
        operation.Machine,
        operation.ProcessId,
        operation.Command,
        operation.Reason,
        operation.Tasks > 0 ? operation.Tasks : null,
        operation.Undoes,
        operation.UndoneBy);
}

/// <summary>A task of an undo.</summary>
/// <param name="TaskId">The task.</param>
/// <param name="Status">The status it has now; null if it was left alone.</param>
/// <param name="Note">For a task that was running: how it came back, and why.</param>
/// <param name="SkipReason">Why it was left alone.</param>
internal sealed record UndoneTaskBody(string TaskId, string? Status, string? Note, string? SkipReason)
{
    public static UndoneTaskBody Of(UndoneTask task) => new(task.Id, task.Status, task.Note, task.SkipReason);
}

/// <summary>What an undo brought back and what it left alone.</summary>
/// <param name="Success">False if the call failed on the way. The same call, repeated, goes on with the rest.</param>
/// <param name="DryRun">True if nothing was changed because only the plan was asked for.</param>
/// <param name="Warnings">What failed after tasks were brought back. These tasks stay as they are.</param>
internal sealed record UndoAnswer(
    bool Success,
    string Message,
    bool DryRun,
    OperationBody Undone,
    IReadOnlyList<UndoneTaskBody> Restored,
    IReadOnlyList<UndoneTaskBody> Skipped,
    IReadOnlyList<string> Remarks,
    IReadOnlyList<string> Warnings,
    Guid? OperationId)
{
    public static UndoAnswer Of(UndoResult report, ApiTimes times) => new(
        report.IsComplete,
        report.IsPlanOnly
            ? $"{Quantity.Of(report.Restored.Count, "task", "tasks")} would be brought back. Nothing was changed; "
                + "dry_run=false carries it out."
            : $"{Quantity.Of(report.Restored.Count, "task was", "tasks were")} brought back, {report.Skipped.Count} left alone.",
        report.IsPlanOnly,
        OperationBody.Of(report.Undone, times),
        [.. report.Restored.Select(UndoneTaskBody.Of)],
        [.. report.Skipped.Select(UndoneTaskBody.Of)],
        report.Remarks,
        report.Warnings,
        report.OperationId);
}
