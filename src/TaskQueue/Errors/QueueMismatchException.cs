namespace TaskQueue;

/// <summary>A task object belongs to another queue than the one named.</summary>
public sealed class QueueMismatchException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
