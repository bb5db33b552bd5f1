namespace TaskQueue.Storage;

/// <summary>A task with the key that orders its table.</summary>
internal readonly record struct TaskRow(long Seq, QueueTask Task);

/// <summary>Rows that follow each other by key. The last page may be empty, no other is.</summary>
internal sealed record TaskPage(IReadOnlyList<TaskRow> Rows, bool IsLast);
