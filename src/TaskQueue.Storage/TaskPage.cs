namespace TaskQueue.Storage;

/// <summary>A task with the key that orders its table.</summary>
internal readonly record struct TaskRow(long Seq, QueueTask Task);

/// <summary>Rows in the order of their keys. Only the last page may be empty.</summary>
internal sealed record TaskPage(IReadOnlyList<TaskRow> Rows, bool IsLast);
