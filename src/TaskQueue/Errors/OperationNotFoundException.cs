namespace TaskQueue;

/// <summary>The log does not know this operation: it was another queue's, or it is older than the log is kept.</summary>
public sealed class OperationNotFoundException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
