namespace TaskQueue.Server;

/// <summary>Lets failed tasks run again, under the same id.</summary>
internal static class TaskRetrying
{
    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapPost("/retry/{id}", Retry).WithMetadata(new OriginalStatus(WhenMissing: false, WhenRefused: true));
        tasks.MapPost("/batch/retry", RetryBatch);
    }

    /// <summary>Puts a failed task back to pending with a clean slate. A task that waits already becomes due at once.</summary>
    /// <param name="reason">Why, for the log.</param>
    internal static RetryAnswer Retry(
        string id,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        [Reason] string? reason = null)
    {
        var change = new RetryTask(id);
        var operation = context.BeginOperation(change.Kind, reason);
        _ = changes.Apply(change, operation, Advice, cancellation);
        return new RetryAnswer($"Task '{id}' waits to run again.", id, id, operation.Id);
    }

    /// <summary>The same for several tasks, in one transaction.</summary>
    /// <param name="reason">Why, for the log.</param>
    internal static BatchRetryAnswer RetryBatch(
        BatchRequest batch,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        [Reason] string? reason = null)
    {
        var operation = context.BeginOperation(RestartTask.OperationKind, reason);
        var outcomes = changes.ApplyAll([.. batch.Checked().Select(id => new RetryTask(id))], operation, cancellation);
        var answer = TaskChanges.Answer(outcomes, operation, "wait to run again", Advice);
        return new BatchRetryAnswer(
            answer.Success,
            answer.Message,
            answer.SuccessCount,
            answer.FailedCount,
            answer.Errors,
            answer.OperationId,
            [.. outcomes.Where(outcome => outcome.Kind is TaskOutcomeKind.Applied).Select(outcome => outcome.Id)]);
    }

    private static string? Advice(QueueTask task) => task.Status is QueueTaskStatus.Running
        ? "Stop it first: cancel with force=true."
        : "Only tasks that have failed or wait can be retried.";
}
