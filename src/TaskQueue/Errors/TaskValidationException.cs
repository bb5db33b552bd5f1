namespace TaskQueue;

/// <summary>A task, or a value given for it, is not valid.</summary>
public sealed class TaskValidationException(string message, Advice? advice = null, Exception? inner = null)
    : TaskQueueException(message, advice, inner)
{
    /// <summary>
    /// The value that is not valid, by the engine's name for it, such as <c>MaxRetries</c>. Null if no single value is wrong. Message and
    /// advice call it so too: a front end may put its own name there.
    /// </summary>
    public string? Field { get; init; }

    /// <summary>Another value that the message speaks of, by its name.</summary>
    public string? OtherField { get; init; }
}
