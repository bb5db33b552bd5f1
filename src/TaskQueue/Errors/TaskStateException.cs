namespace TaskQueue;

/// <summary>The task's status does not allow the change, or it changed since it was read.</summary>
public sealed class TaskStateException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
