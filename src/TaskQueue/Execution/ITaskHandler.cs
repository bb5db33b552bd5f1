namespace TaskQueue;

/// <summary>Runs tasks of one type, or of several. Used by several slots at the same time.</summary>
public interface ITaskHandler
{
    /// <summary>
    /// Runs one task to its end. An exception counts as a failure with its message. Once
    /// <see cref="TaskExecution.Cancellation"/> was cancelled, the outcome no longer counts: what matters then is to return.
    /// </summary>
    HandlerOutcome Run(TaskExecution execution);
}

/// <summary>How a handler says that a task ended.</summary>
public sealed record HandlerOutcome
{
    private HandlerOutcome()
    {
    }

    public bool IsSuccess { get; private init; }

    /// <summary>JSON text or null.</summary>
    public string? ResultJson { get; private init; }

    public string? ErrorMessage { get; private init; }

    /// <summary>The handler knows that another try is of no use.</summary>
    public bool DoNotRetry { get; private init; }

    public static HandlerOutcome Success(string? resultJson = null) => new() { IsSuccess = true, ResultJson = resultJson };

    public static HandlerOutcome Failure(string errorMessage, bool doNotRetry = false)
    {
        ArgumentNullException.ThrowIfNull(errorMessage);
        return new() { ErrorMessage = errorMessage, DoNotRetry = doNotRetry };
    }
}
