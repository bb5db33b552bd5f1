namespace TaskQueue;

/// <summary>
/// Tells a task that failed by its handler from one that was ended from outside. The message tells it: the original's layout keeps nothing
/// else.
/// </summary>
public static class ForcedFailure
{
    /// <summary>True if the task was ended by force, by a cleanup, or when its queue was copied or restored.</summary>
    public static bool Ended(QueueTask task) => task is
    {
        Status: QueueTaskStatus.Failed,
        ErrorMessage: ForceCancelTask.Message or CleanUpStuckTask.Message or ImportPreparation.FailedMessage,
    };
}
