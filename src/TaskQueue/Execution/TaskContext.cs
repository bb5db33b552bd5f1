namespace TaskQueue;

/// <summary>What a handler script gets as <c>$TaskContext</c>: it reports progress, learns of a stop, and can rule out a retry.</summary>
public sealed class TaskContext(TaskExecution execution)
{
    /// <summary>The task as it was claimed.</summary>
    public QueueTask Task => execution.Task;

    /// <summary>
    /// Cancelled when the handler is to end: its task was stopped, ran into its time-out, or the worker ends. A handler that has
    /// asked for it gets the grace period from then on; one that has not is ended at once.
    /// </summary>
    public CancellationToken CancellationToken => execution.Cancellation;

    /// <summary>True once the handler has said here how far the task is.</summary>
    public bool HasReported { get; private set; }

    /// <summary>Says how far the task is.</summary>
    /// <param name="percent">0 to 100.</param>
    /// <exception cref="TaskValidationException">The percentage is out of range.</exception>
    public void Report(double percent)
    {
        HasReported = true;
        execution.Report(percent);
    }

    /// <inheritdoc cref="Report(double)"/>
    /// <param name="percent">0 to 100.</param>
    /// <param name="message">What is being done.</param>
    public void Report(double percent, string message)
    {
        HasReported = true;
        execution.Report(percent, message);
    }

    /// <summary>Ends the task as failed, whatever retries it has left.</summary>
    /// <exception cref="DoNotRetryException">Always: it ends the handler.</exception>
#pragma warning disable CA1822 // A script calls it on the object that it has.
    public void FailWithoutRetry(string message) => throw new DoNotRetryException(message);
#pragma warning restore CA1822
}
