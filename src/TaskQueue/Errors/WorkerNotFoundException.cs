namespace TaskQueue;

/// <summary>The queue knows no such worker, or its process is proven gone.</summary>
public sealed class WorkerNotFoundException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
