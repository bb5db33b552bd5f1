namespace TaskQueue;

/// <summary>A task failed for good: what its handler did has come to nothing, though its worker has done its duty.</summary>
public sealed class TaskFailedException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
