namespace TaskQueue.Storage;

/// <summary>The tables of a queue.</summary>
/// <param name="Tasks">The tasks.</param>
/// <param name="History">The operations log and the trash.</param>
/// <param name="Stops">The stops of claims.</param>
internal sealed record QueueTables(TaskTable Tasks, HistoryTables History, ClaimStops Stops);
