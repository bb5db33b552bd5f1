namespace TaskQueue;

/// <summary>running → retry while retries are left and the handler did not say otherwise, else failed.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The token of the worker's claim.</param>
/// <param name="ErrorMessage">Why the handler failed.</param>
/// <param name="RetryDelay">The worker's backoff before the next try.</param>
/// <param name="DoNotRetry">The handler knows that another try is of no use.</param>
public sealed record FailTask(string Id, Guid Token, string ErrorMessage, TimeSpan RetryDelay, bool DoNotRetry = false)
    : WorkerChange(Id, Token)
{
    public override string Kind => "failure";

    /// <summary>Why the handler failed, as stores keep it: a repeated failure is known by it.</summary>
    public string ErrorMessage { get; init => field = StorableText.Of(value); } = StorableText.Of(ErrorMessage);

    protected override string LateDetails => "failed: " + ErrorMessage;

    // The token outlives the claim on a row in retry or failed, so that a repeated failure costs no second retry.
    protected override bool IsInPlace(QueueTask before) =>
        before.Status is QueueTaskStatus.Retry or QueueTaskStatus.Failed && before.ErrorMessage == ErrorMessage;

    protected override Transition Change(QueueTask before, DateTimeOffset now)
    {
        var retries = !DoNotRetry && before.RetryCount < before.MaxRetries;
        var after = retries
            ? before.ToRetry(now, RetryDelay) with { RetryCount = before.RetryCount + 1 }
            : before.Enter(QueueTaskStatus.Failed, now) with { CompletedAt = now };
        return Transition.To(after with { ErrorMessage = ErrorMessage, LeaseExpiresAt = null }, Kind);
    }
}
