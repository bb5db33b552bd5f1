namespace TaskQueue;

/// <summary>More tasks would be touched than the caller allowed.</summary>
public sealed class TooManyTasksException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
