namespace TaskQueue.Server;

/// <summary>Deletes tasks. What is deleted can be brought back for seven days (undo).</summary>
internal static class TaskRemoving
{
    private static readonly QueueTaskStatus[] Waiting = [QueueTaskStatus.Pending, QueueTaskStatus.Retry];

    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapDelete("/{id}", Remove);
        tasks.MapPost("/batch/delete", RemoveBatch);
        MapClear(tasks, "pending", "Deletes all tasks that wait: pending and retry.", Waiting);
        MapClear(tasks, "failed", "Deletes all failed tasks.", [QueueTaskStatus.Failed]);
        MapClear(tasks, "success", "Deletes all tasks that ended well.", [QueueTaskStatus.Success]);
        MapClear(
            tasks, "all", "Deletes all tasks but those that run.",
            [.. Waiting, QueueTaskStatus.Success, QueueTaskStatus.Failed, QueueTaskStatus.Cancelled]);
    }

    /// <summary>Deletes a task; a running one only with force.</summary>
    /// <param name="force">Delete a running task too; its worker is told to stop.</param>
    /// <param name="reason">Why, for the log.</param>
    internal static MessageAnswer Remove(
        string id,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        bool force = false,
        [Reason] string? reason = null)
    {
        var operation = context.BeginOperation(RemoveTask.OperationKind, reason);
        _ = changes.Apply(new RemoveTask(id, Force: force), operation, Advice, cancellation);
        return new MessageAnswer($"Task '{id}' was deleted.", operation.Id);
    }

    /// <summary>The same for several tasks, in one transaction.</summary>
    /// <param name="force">Delete running tasks too.</param>
    /// <param name="reason">Why, for the log.</param>
    internal static BatchAnswer RemoveBatch(
        BatchRequest batch,
        TaskChanges changes,
        HttpContext context,
        CancellationToken cancellation,
        bool force = false,
        [Reason] string? reason = null)
    {
        var operation = context.BeginOperation(RemoveTask.OperationKind, reason);
        var outcomes = changes.ApplyAll([.. batch.Checked().Select(id => new RemoveTask(id, Force: force))], operation, cancellation);
        return TaskChanges.Answer(outcomes, operation, "deleted", Advice);
    }

    private static void MapClear(RouteGroupBuilder tasks, string which, string summary, IReadOnlyList<QueueTaskStatus> statuses) =>
        tasks.MapPost(
            $"/clear/{which}",
            (QueueAccess queue,
                TaskChanges changes,
                HttpContext context,
                CancellationToken cancellation,
                [Reason] string? reason) =>
            {
                var operation = context.BeginOperation(RemoveTask.OperationKind, reason);
                var afterwards = new AfterCommit();
                var deleted = Clear(queue.ForWriting(), changes, statuses, operation, afterwards, cancellation);
                return new ClearAnswer(
                    afterwards.Warnings.Count == 0,
                    $"{Quantity.Of(deleted, "task was", "tasks were")} deleted.",
                    deleted,
                    deleted > 0 ? operation.Id : null,
                    afterwards.Warnings);
            }).WithSummary(summary);

    /// <summary>
    /// Deletes in batches, so that none holds the write lock for long. All batches belong to one operation, so that one undo brings all
    /// tasks back. After the first commit an error is only a warning, since the answer must name the operation that brings the deleted
    /// tasks back.
    /// </summary>
    private static long Clear(
        ITaskStore store,
        TaskChanges changes,
        IReadOnlyList<QueueTaskStatus> statuses,
        NewOperation operation,
        AfterCommit afterwards,
        CancellationToken cancellation)
    {
        long deleted = 0;
        var query = new TaskQuery { Statuses = statuses, IncludePayload = false };
        using var batches = store.Read(query, cancellation).InBatches().GetEnumerator();
        var hasMore = true;
        while (hasMore)
        {
            if (deleted == 0)
            {
                hasMore = ClearBatch();
            }
            else if (!afterwards.Try("Not all were deleted; repeated, the call goes on with the rest", () => { hasMore = ClearBatch(); }))
            {
                break;
            }
        }

        return deleted;

        bool ClearBatch()
        {
            if (!batches.MoveNext())
            {
                return false;
            }

            // Deleted by revision: a task that was claimed or restarted since it was read is not meant.
            var outcomes = changes.ApplyAll(
                [.. batches.Current.Select(task => new RemoveTask(task.Id, task.Revision))], operation, cancellation);
            deleted += outcomes.Count(outcome => outcome.Kind is TaskOutcomeKind.Applied);
            return true;
        }
    }

    private static string? Advice(QueueTask task) =>
        task.Status is QueueTaskStatus.Running ? "A running task is deleted only with force=true." : null;
}
