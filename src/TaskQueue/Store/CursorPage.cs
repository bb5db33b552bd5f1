namespace TaskQueue;

/// <summary>Some of the tasks of a query.</summary>
/// <param name="Tasks">The tasks, in the order of the query.</param>
/// <param name="Next">What to ask for the tasks behind them with; null if these are the last.</param>
public sealed record CursorPage(IReadOnlyList<QueueTask> Tasks, string? Next);
