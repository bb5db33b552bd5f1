namespace TaskQueue;

/// <summary>The queue is there but cannot be used now: locked past the time-out, read-only, disk full, server down.</summary>
public class QueueUnavailableException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
