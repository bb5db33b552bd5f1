namespace TaskQueue;

/// <summary>The queue knows no such worker, or its process is proven gone.</summary>
public sealed class WorkerNotFoundException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
