namespace TaskQueue;

/// <summary>There is no queue at the location.</summary>
public sealed class QueueNotFoundException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
