namespace TaskQueue.Server;

/// <summary>Cancels waiting tasks, and with force stops running ones.</summary>
internal static class TaskStopping
{
    private static readonly OriginalStatus BadRequest = new(WhenMissing: true, WhenRefused: true);

    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapPost("/cancel/{id}", Cancel).WithMetadata(BadRequest);
        tasks.MapGet("/{id}/cancel", CancelWaiting).WithMetadata(BadRequest, ChangesByGet.Instance);
        tasks.MapPost("/batch/cancel", CancelBatch);
    }

    /// <summary>Cancels a task that waits; with force it stops a running one too, which becomes failed.</summary>
    /// <param name="force">Stop a running task too.</param>
    /// <param name="dry_run">Say what would be done, or why not, and change nothing at all.</param>
    /// <param name="reason">Why, for the log.</param>
    internal static MessageAnswer Cancel(
        string id,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        bool force = false,
        bool dry_run = false,
        [Reason] string? reason = null)
    {
        var change = ChangeOf(id, force);
        if (dry_run)
        {
            var planned = changes.Predict(change, Advice, cancellation);
            return new MessageAnswer(
                $"Task '{id}', {planned.StatusText} now, would be {Done(force)}. Nothing was changed; dry_run=false carries it out.");
        }

        var operation = context.BeginOperation(change.Kind, reason);
        _ = changes.Apply(change, operation, Advice, cancellation);
        return new MessageAnswer($"Task '{id}' was {Done(force)}.", operation.Id);
    }

    /// <summary>
    /// Cancels a task that waits, never a running one. A program that only follows addresses, such as a browser that loads pages ahead,
    /// must not stop a running task.
    /// </summary>
    /// <param name="force">Ignored. It is here because clients of the original send it.</param>
    /// <param name="dry_run">Say what would be done, or why not, and change nothing at all.</param>
    /// <param name="reason">Why, for the log.</param>
    internal static MessageAnswer CancelWaiting(
        string id,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        bool force = false,
        bool dry_run = false,
        [Reason] string? reason = null) =>
        Cancel(id, changes, context, cancellation, force: false, dry_run, reason);

    /// <summary>The same for several tasks, in one transaction.</summary>
    /// <param name="force">Stop running tasks too.</param>
    /// <param name="reason">Why, for the log.</param>
    internal static BatchAnswer CancelBatch(
        BatchRequest batch,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        bool force = false,
        [Reason] string? reason = null)
    {
        var all = batch.Checked().Select(id => ChangeOf(id, force)).ToList();
        var operation = context.BeginOperation(all[0].Kind, reason);
        var outcomes = changes.ApplyAll(all, operation, cancellation);
        return TaskChanges.Answer(outcomes, operation, Done(force), Advice);
    }

    private static string Done(bool force) => force ? "stopped (force=true)" : "cancelled (force=false)";

    private static TaskChange ChangeOf(string id, bool force) => force ? new ForceCancelTask(id) : new CancelTask(id);

    private static string? Advice(QueueTask task) => task.Status is QueueTaskStatus.Running
        ? "A running task is stopped only with force=true."
        : "Only waiting tasks can be cancelled, and running ones with force=true.";
}
