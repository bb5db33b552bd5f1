namespace TaskQueue;

/// <summary>There is no queue at the location.</summary>
public sealed class QueueNotFoundException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
