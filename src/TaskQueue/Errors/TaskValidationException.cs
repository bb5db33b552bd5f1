namespace TaskQueue;

/// <summary>A task, or a value given for it, is not valid.</summary>
public sealed class TaskValidationException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
