namespace TaskQueue.Server;

/// <summary>The server cannot be started as it was asked to; the message says what to do.</summary>
internal sealed class UsageException(string message) : Exception(message);
