namespace TaskQueue;

/// <summary>A process died in the middle of a write; the next writer rolls it back, which reading must not do.</summary>
public sealed class QueueNeedsRecoveryException(string message, Advice? advice = null, Exception? inner = null)
    : QueueUnavailableException(message, advice, inner);
