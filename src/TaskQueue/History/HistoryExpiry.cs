namespace TaskQueue;

/// <summary>What was deleted because it had been kept long enough.</summary>
/// <param name="Events">Events of tasks.</param>
/// <param name="Operations">Operations that have no event left.</param>
/// <param name="RemovedTasks">Removed tasks, which cannot be brought back any more.</param>
public sealed record HistoryExpiry(long Events, long Operations, long RemovedTasks);
