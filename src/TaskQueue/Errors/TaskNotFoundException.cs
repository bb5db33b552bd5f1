namespace TaskQueue;

/// <summary>No task has this id.</summary>
public sealed class TaskNotFoundException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
