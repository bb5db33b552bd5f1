using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The one place that gives the engine's exceptions their PowerShell error id and category.</summary>
internal static class ErrorRecords
{
    public static ErrorRecord Of(Exception error, object? target)
    {
        var (id, category) = error switch
        {
            QueueNotFoundException => ("QueueNotFound", ErrorCategory.ObjectNotFound),
            QueueFormatException => ("QueueFormatInvalid", ErrorCategory.InvalidData),
            QueueNeedsRecoveryException => ("QueueNeedsRecovery", ErrorCategory.ResourceUnavailable),
            OutcomeUnknownException => ("OutcomeUnknown", ErrorCategory.ResourceUnavailable),
            QueueUnavailableException => ("QueueUnavailable", ErrorCategory.ResourceUnavailable),
            QueueMismatchException => ("QueueMismatch", ErrorCategory.InvalidArgument),
            TaskNotFoundException => ("TaskNotFound", ErrorCategory.ObjectNotFound),
            OperationNotFoundException => ("OperationNotFound", ErrorCategory.ObjectNotFound),
            TaskStateException => ("TaskStateInvalid", ErrorCategory.InvalidOperation),
            TaskValidationException => ("TaskInvalid", ErrorCategory.InvalidArgument),
            TaskFailedException => ("TaskFailed", ErrorCategory.OperationStopped),
            TaskTimeoutException => ("TaskTimeout", ErrorCategory.OperationTimeout),
            TooManyTasksException => ("TooManyTasks", ErrorCategory.LimitsExceeded),
            WorkerNotFoundException => ("WorkerNotFound", ErrorCategory.ObjectNotFound),
            LayoutNotSupportedException => ("NotSupportedByLayout", ErrorCategory.NotImplemented),
            _ => (error.GetType().Name, ErrorCategory.NotSpecified),
        };
        var record = new ErrorRecord(error, id, category, target);
        // The text must not control the terminal. The exception keeps each id as it is.
        var message = TerminalText.Lines(error.Message);
        var advice = (error as TaskQueueException)?.Advice is { } known ? AdviceText.Of(known) : null;
        if (advice is not null || message != error.Message)
        {
            record.ErrorDetails = new ErrorDetails(message) { RecommendedAction = TerminalText.Lines(advice) };
        }

        record.CategoryInfo.TargetName = TerminalText.OneLine(record.CategoryInfo.TargetName);
        return record;
    }

    /// <summary>True if the whole queue cannot be used, so that the next record would fail as well.</summary>
    public static bool IsAboutQueue(Exception error) =>
        error is QueueNotFoundException or QueueFormatException or QueueUnavailableException;
}
