namespace TaskQueue;

/// <summary>A task object belongs to another queue than the one named.</summary>
public sealed class QueueMismatchException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
