namespace TaskQueue;

/// <summary>The log does not know this operation: it belongs to another queue, or its retention time is over.</summary>
public sealed class OperationNotFoundException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
