namespace TaskQueue;

/// <summary>What a task carries beside its settings: its data, its result and its error.</summary>
public static class TaskPayload
{
    /// <summary>How much that is, in characters: pages and batches of tasks are bounded by it.</summary>
    public static long CharactersOf(QueueTask task) =>
        (task.DataJson?.Length ?? 0L) + (task.ResultJson?.Length ?? 0) + (task.ErrorMessage?.Length ?? 0);
}
