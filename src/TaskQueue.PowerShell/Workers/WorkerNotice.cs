namespace TaskQueue.PowerShell;

/// <summary>A notice of a worker for the pipeline: a task whose attempt ended, or a warning.</summary>
internal readonly record struct WorkerNotice(QueueTask? Task, string? Warning)
{
    private const int LongestReason = 300;

    /// <summary>True for a task that is over; false for one that is tried again.</summary>
    public bool IsFinal => Task?.Status is not QueueTaskStatus.Retry;

    /// <summary>The message for a failed attempt; null if the attempt did not fail.</summary>
    public string? Failure => Task switch
    {
        { Status: QueueTaskStatus.Failed } => $"Task '{Task.Id}' failed: {Reason(Task)}",
        { Status: QueueTaskStatus.Retry } =>
            $"Task '{Task.Id}' failed, and is tried "
                + $"again {(Task.DueAt is { } due ? $"at {DisplayText.Time(due)}" : "at once")} "
                + $"(retry {Task.RetryCount} of {Task.MaxRetries}): {Reason(Task)}",
        _ => null,
    };

    private static string Reason(QueueTask task)
    {
        var line = (task.ErrorMessage ?? "").AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        return TerminalText.ShortenMiddle((end < 0 ? line : line[..end]).ToString(), LongestReason);
    }
}
