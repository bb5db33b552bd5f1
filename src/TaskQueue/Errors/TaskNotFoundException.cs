namespace TaskQueue;

/// <summary>No task has this id.</summary>
public sealed class TaskNotFoundException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
