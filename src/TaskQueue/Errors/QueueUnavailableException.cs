namespace TaskQueue;

/// <summary>The queue is there but cannot be used now: locked past the time-out, read-only, disk full, server down.</summary>
public class QueueUnavailableException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
