namespace TaskQueue;

/// <summary>The task's status does not allow the change, or it changed since it was read.</summary>
public sealed class TaskStateException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
