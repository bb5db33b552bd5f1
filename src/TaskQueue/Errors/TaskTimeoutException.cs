namespace TaskQueue;

/// <summary>A task did not reach the state that was waited for in time. Nothing was changed by the waiting.</summary>
public sealed class TaskTimeoutException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
