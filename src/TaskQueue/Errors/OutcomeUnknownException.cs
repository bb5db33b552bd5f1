namespace TaskQueue;

/// <summary>A commit was sent, and its outcome is not known: it may have taken place, may still do so, or never will.</summary>
public sealed class OutcomeUnknownException(string message, Advice? advice = null, Exception? inner = null)
    : QueueUnavailableException(message, advice, inner);
