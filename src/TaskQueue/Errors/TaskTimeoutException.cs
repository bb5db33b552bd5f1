namespace TaskQueue;

/// <summary>A task did not reach the state that was waited for in time. Nothing was changed by the waiting.</summary>
public sealed class TaskTimeoutException(string message, string? recommendation = null, Exception? inner = null)
    : TaskQueueException(message, recommendation, inner);
