namespace TaskQueue;

/// <summary>More tasks would be touched than the caller allowed.</summary>
public sealed class TooManyTasksException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
