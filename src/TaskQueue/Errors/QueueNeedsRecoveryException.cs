namespace TaskQueue;

/// <summary>A process died in the middle of a write; the next writer rolls it back, which a reading command must not do.</summary>
public sealed class QueueNeedsRecoveryException(string message, string? recommendation = null, Exception? inner = null)
    : QueueUnavailableException(message, recommendation, inner);
