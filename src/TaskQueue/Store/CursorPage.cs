namespace TaskQueue;

/// <summary>Some of the tasks of a query.</summary>
/// <param name="Tasks">The tasks, in the order of the query.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record CursorPage(IReadOnlyList<QueueTask> Tasks, string? Next);
