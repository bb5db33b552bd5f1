namespace TaskQueue.Storage;

/// <summary>
/// Decides and carries out the undo of one event: the one way a task comes back. Without a log of its own it only decides, so that a
/// plan and its execution are the same code.
/// </summary>
/// <param name="tables">The queue's tables.</param>
/// <param name="undone">The operation that is undone.</param>
/// <param name="undoneSeq">Its key in the log.</param>
/// <param name="living">The workers that live.</param>
/// <param name="requeue">What was running comes back as pending in any case.</param>
internal sealed class OperationUndo(QueueTables tables, QueueOperation undone, long undoneSeq, IReadOnlySet<Guid> living, bool requeue)
{
    /// <summary>
    /// Undoes one event in the present transaction; without a <paramref name="log"/> to write to only says what would be done.
    /// </summary>
    public UndoneTask Undo(SqlSession session, LogSchema schema, TaskEvent logged, OperationLog? log)
    {
        var payload = TaskDifference.HoldsPayload(logged.BeforeJson);
        var row = tables.Tasks.Find(session, logged.TaskId, payload, forChange: log is not null);
        return logged.Revision is null ? PutBack(session, schema, logged, row, log) : Restore(session, schema, logged, row, log);
    }

    private UndoneTask Restore(SqlSession session, LogSchema schema, TaskEvent logged, TaskRow? row, OperationLog? log)
    {
        if (row is not { Task: var present } || present.Revision != logged.Revision || !TaskDifference.Holds(present, logged.AfterJson))
        {
            var since = row is null ? "removed since" : $"changed since: now {row.Value.Task.StatusText}";
            return Skip(logged, WasUndone(session, schema, logged) ? "already brought back" : since);
        }

        if (logged.BeforeJson is null && logged.StatusAfter is not null)
        {
            return Skip(logged, "brought back from the trash by that undo; it stays until it is removed again");
        }

        if (logged.BeforeJson is null)
        {
            return Skip(logged, "not changed by the operation");
        }

        if (TaskDifference.Apply(present, logged.BeforeJson) is not { } before)
        {
            return Skip(logged, "recorded in the log in a way that cannot be read");
        }

        var (former, note) = PrepareReturn(session, present, before, log is not null);
        if (log is not null)
        {
            _ = new TransitionWriter(session, tables, log).Apply(new UndoTask(logged.TaskId, former, note), row);
        }

        return new UndoneTask { Id = logged.TaskId, Status = former.StatusText, Note = note };
    }

    private UndoneTask PutBack(SqlSession session, LogSchema schema, TaskEvent logged, TaskRow? row, OperationLog? log)
    {
        if (tables.History.FindRemoved(session, undoneSeq, logged.TaskId) is not { } removed)
        {
            return Skip(
                logged, WasUndone(session, schema, logged) ? "already brought back" : "not in the trash any more, or never put there");
        }

        if (row is not null)
        {
            return Skip(logged, "replaced by another task of the same id");
        }

        var (former, note) = PrepareReturn(session, present: null, removed, log is not null);
        // As any other change would bring it back: its time may have come while it lay in the trash.
        var after = new UndoTask(logged.TaskId, former, note).Apply(removed, session.Now).After!;
        if (log is not null)
        {
            tables.History.PutBack(session, undoneSeq, logged.TaskId);
            var back = tables.Tasks.Find(session, logged.TaskId)!.Value;
            if (after != removed)
            {
                var whole = after with { DataJson = back.Task.DataJson, ResultJson = back.Task.ResultJson };
                after = tables.Tasks.Update(session, back.Seq, back.Task, whole, bumpsRevision: true);
            }
            else
            {
                after = back.Task;
            }

            log.Append(Operation.Undo, isUndoable: true, logged.TaskId, before: null, after, note);
        }

        return new UndoneTask { Id = logged.TaskId, Status = after.StatusText, Note = note };
    }

    /// <summary>
    /// A task that a worker held comes back as running, under its old token, only together with the withdrawal of its stop: then its worker
    /// goes on as if nothing had happened. Whoever else may hold that token has ended the task or is about to. A task that nobody was known
    /// to hold has no such token.
    /// </summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="present">The task as it stands; null if it was removed.</param>
    /// <param name="before">The task as it was.</param>
    /// <param name="isReal">False for a plan.</param>
    private (QueueTask After, string? Note) PrepareReturn(SqlSession session, QueueTask? present, QueueTask before, bool isReal)
    {
        if (before.Status is not QueueTaskStatus.Running)
        {
            return (before, null);
        }

        if (present is { Status: QueueTaskStatus.Running } && present.ClaimToken == before.ClaimToken)
        {
            // The operation did not end the claim. It runs on, and nothing returns.
            return (TaskDifference.WithHeartbeatsOf(before, present), null);
        }

        var now = session.Now;
        var (how, note) = requeue
            ? (RunningReturn.Pending, "requeued as asked")
            : tables.Stops.RunningReturnOf(session, before, living, isReal);
        switch (how)
        {
            case RunningReturn.AsItWas:
                return (before, note);
            case RunningReturn.Pending:
                return (ImportPreparation.WithoutClaim(before, RunningTasks.Requeue, now), note);
            default:
                if (isReal)
                {
                    tables.Stops.Withdraw(session, before);
                }

                // For as long as it was when it was last renewed.
                return (before with { HeartbeatAt = now, LeaseExpiresAt = now + (before.LeaseExpiresAt - before.HeartbeatAt) }, note);
        }
    }

    private bool WasUndone(SqlSession session, LogSchema schema, TaskEvent logged) => session.Number(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM {schema.Name}.event e JOIN {schema.Name}.operation o ON o.seq = e.operation
            WHERE e.task_id = $task_id AND o.undoes = $undone)
        """,
        ("$task_id", logged.TaskId),
        ("$undone", undone.Id.ToString())) == 1;

    private static UndoneTask Skip(TaskEvent logged, string reason) => new() { Id = logged.TaskId, SkipReason = reason };
}
