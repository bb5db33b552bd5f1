namespace TaskQueue;

/// <summary>An operation with events of it, on the way from one queue's log to another's.</summary>
public sealed record OperationWithEvents(QueueOperation Operation, IReadOnlyList<TaskEvent> Events);
