namespace TaskQueue.Server;

/// <summary>What a cleanup found, did and left alone.</summary>
/// <param name="Message">In a sentence.</param>
/// <param name="DryRun">True if nothing was changed because only the plan was asked for.</param>
/// <param name="Found">How many running tasks were looked at.</param>
/// <param name="Stuck">Those judged stuck.</param>
/// <param name="CleanedCount">How many were really stopped; 0 for a plan.</param>
/// <param name="Cleaned">The ids of the tasks that were stopped.</param>
/// <param name="Skipped">Those left alone, each with its reason.</param>
/// <param name="Backup">The name of the backup that was made first; null for a plan, and if there was nothing to clean.</param>
/// <param name="Before">Tasks by status before.</param>
/// <param name="After">Tasks by status afterwards; null for a plan.</param>
/// <param name="OperationId">The operation it is undone by; null if nothing was changed.</param>
/// <param name="Remarks">What an operator should know.</param>
/// <param name="Warnings">What failed after the tasks were stopped, such as the deletion of an old backup. The tasks stay stopped.</param>
internal sealed record CleanupAnswer(
    string Message,
    bool DryRun,
    int Found,
    IReadOnlyList<StuckTaskBody> Stuck,
    int CleanedCount,
    IReadOnlyList<string> Cleaned,
    IReadOnlyList<StuckTaskBody> Skipped,
    string? Backup,
    IReadOnlyDictionary<string, long> Before,
    IReadOnlyDictionary<string, long>? After,
    Guid? OperationId,
    IReadOnlyList<string> Remarks,
    IReadOnlyList<string> Warnings)
{
    public bool Success { get; } = true;

    public static CleanupAnswer Of(CleanupResult report)
    {
        var status = report.Requeue ? "pending" : "failed";
        return new CleanupAnswer(
            report.IsPlanOnly
                ? $"{Quantity.Of(report.Stuck.Count, "task", "tasks")} would become {status}. Nothing was changed; "
                    + "dry_run=false carries it out."
                : $"{Quantity.Of(report.Cleaned.Count, "task was stopped and is", "tasks were stopped and are")} {status} now.",
            report.IsPlanOnly,
            report.Found.Count,
            [.. report.Stuck.Select(StuckTaskBody.Of)],
            report.Cleaned.Count,
            [.. report.Cleaned.Select(task => task.Id)],
            [.. report.Skipped.Select(StuckTaskBody.Of)],
            Path.GetFileName(report.BackupPath),
            report.Before,
            report.After,
            report.OperationId,
            report.Remarks,
            report.Warnings);
    }
}
