namespace TaskQueue;

/// <summary>
/// A change was sent to be committed, and nobody can say yet whether it was: it may be there now, come later, or never come.
/// </summary>
public sealed class OutcomeUnknownException(string message, Advice? advice = null, Exception? inner = null)
    : QueueUnavailableException(message, advice, inner);
