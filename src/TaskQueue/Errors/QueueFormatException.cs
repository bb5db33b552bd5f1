namespace TaskQueue;

/// <summary>What is at the location is no queue, is damaged, or has a newer layout than this product knows.</summary>
public sealed class QueueFormatException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner);
