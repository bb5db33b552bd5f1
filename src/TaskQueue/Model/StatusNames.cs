namespace TaskQueue;

/// <summary>The stored spelling of each status.</summary>
public static class StatusNames
{
    private static readonly Dictionary<QueueTaskStatus, string> Names = new()
    {
        [QueueTaskStatus.Pending] = "pending",
        [QueueTaskStatus.Retry] = "retry",
        [QueueTaskStatus.Running] = "running",
        [QueueTaskStatus.Success] = "success",
        [QueueTaskStatus.Failed] = "failed",
        [QueueTaskStatus.Cancelled] = "cancelled",
    };

    private static readonly Dictionary<string, QueueTaskStatus> Statuses =
        Names.ToDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>Every status a task of the native layout can have, in the order of a task's life.</summary>
    public static IReadOnlyList<QueueTaskStatus> All { get; } = [.. Names.Keys];

    /// <summary>The stored text of a status; <see cref="QueueTaskStatus.Unknown"/> has none.</summary>
    public static string ToText(this QueueTaskStatus status) =>
        Names.TryGetValue(status, out var name)
            ? name
            : throw new ArgumentOutOfRangeException(nameof(status), status, "This status has no stored text.");

    /// <summary>The status of a stored text, <see cref="QueueTaskStatus.Unknown"/> for any other word.</summary>
    public static QueueTaskStatus Parse(string? text) =>
        text is not null && Statuses.TryGetValue(text, out var status) ? status : QueueTaskStatus.Unknown;

    /// <summary>True while the task waits to be claimed: pending or retry.</summary>
    public static bool IsWaiting(this QueueTaskStatus status) => status is QueueTaskStatus.Pending or QueueTaskStatus.Retry;

    /// <summary>True once the task has an outcome: success, failed or cancelled.</summary>
    public static bool IsFinished(this QueueTaskStatus status) =>
        status is QueueTaskStatus.Success or QueueTaskStatus.Failed or QueueTaskStatus.Cancelled;
}
