namespace TaskQueue.Storage;

/// <summary>A task that is to be added.</summary>
/// <param name="Task">The task as it is to be.</param>
/// <param name="Source">The revision of the task in the queue it is imported from; null for one that is new.</param>
internal readonly record struct TaskToInsert(QueueTask Task, string? Source = null);
