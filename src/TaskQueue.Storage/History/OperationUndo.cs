namespace TaskQueue.Storage;

/// <summary>
/// Decides and carries out the undo of what one operation did to a task: the one way a task comes back. Without a log of its own it only
/// decides, so that a plan and its execution are the same code.
/// </summary>
/// <param name="tables">The queue's tables.</param>
/// <param name="reader">Reads the queue's log.</param>
/// <param name="undone">The operation that is undone.</param>
/// <param name="undoneSeq">Its key in the log.</param>
/// <param name="living">The workers that live.</param>
/// <param name="requeue">What was running comes back as pending in any case.</param>
internal sealed class OperationUndo(
    QueueTables tables, LogReader reader, QueueOperation undone, long undoneSeq, IReadOnlySet<Guid> living, bool requeue)
{
    private const string ChangedMeanwhile = "changed by something else before the operation was done with it";

    /// <summary>
    /// Undoes all that the operation did to a task, in the present transaction; without a <paramref name="log"/> to write to only says what
    /// would be done.
    /// </summary>
    public UndoneTask Undo(SqlSession session, LogSchema schema, string id, OperationLog? log)
    {
        var events = OfOneLife(reader.UndoableEvents(session, schema, undoneSeq, id));
        if (events.Count == 0)
        {
            return Skip(id, "not in the log any more");
        }

        var includePayload = events.Exists(logged => TaskDifference.HoldsPayload(logged.BeforeJson));
        var row = tables.Tasks.Find(session, id, includePayload, forChange: log is not null);
        return IsRemoval(events[0])
            ? PutBack(session, schema, events, row, includePayload, log)
            : Restore(session, schema, events, row, log);
    }

    private UndoneTask Restore(SqlSession session, LogSchema schema, List<TaskEvent> events, TaskRow? row, OperationLog? log)
    {
        var newest = events[0];
        var id = newest.TaskId;
        if (row is not { Task: var present } || !StandsAs(present, newest))
        {
            var since = row is null ? "removed since" : $"changed since: now {row.Value.Task.StatusText}";
            return Skip(id, WasUndone(session, schema, id) ? "already brought back" : since);
        }

        if (IsPutBack(newest))
        {
            return Skip(id, "brought back from the trash by that undo; it stays until it is removed again");
        }

        if (events.TrueForAll(logged => logged.BeforeJson is null))
        {
            return Skip(id, "not changed by the operation");
        }

        if (TakeBack(present, events, out var reason) is not { } before)
        {
            return Skip(id, reason!);
        }

        var (former, note) = PrepareReturn(session, present, before, log is not null);
        if (log is not null)
        {
            _ = new TransitionWriter(session, tables, log).Apply(new UndoTask(id, former, note), row);
        }

        return new UndoneTask { Id = id, Status = former.StatusText, Note = note };
    }

    private UndoneTask PutBack(
        SqlSession session, LogSchema schema, List<TaskEvent> events, TaskRow? row, bool includePayload, OperationLog? log)
    {
        var id = events[0].TaskId;
        if (tables.History.FindRemoved(session, undoneSeq, id, includePayload) is not { } removed)
        {
            return Skip(id, WasUndone(session, schema, id) ? "already brought back" : "not in the trash any more, or never put there");
        }

        if (row is not null)
        {
            return Skip(id, "replaced by another task of the same id");
        }

        var earlier = events[1..];
        if (earlier.Count > 0 && !StandsAs(removed, earlier[0]))
        {
            return Skip(id, ChangedMeanwhile);
        }

        if (TakeBack(removed, earlier, out var reason) is not { } before)
        {
            return Skip(id, reason!);
        }

        var (former, note) = PrepareReturn(session, present: null, before, log is not null);
        // The same rule as for any other change that brings it back: its time may have come while it lay in the trash.
        var after = new UndoTask(id, former, note).Apply(removed, session.Now).After!;
        if (log is not null)
        {
            tables.History.PutBack(session, undoneSeq, removed);
            var back = tables.Tasks.Find(session, id)!.Value;
            if (after != removed)
            {
                var whole = includePayload ? after : after with { DataJson = back.Task.DataJson, ResultJson = back.Task.ResultJson };
                after = tables.Tasks.Update(session, back.Seq, back.Task, whole, bumpsRevision: true);
            }
            else
            {
                after = back.Task;
            }

            log.Append(NewOperation.Undo, isUndoable: true, id, before: null, after, note);
        }

        return new UndoneTask { Id = id, Status = after.StatusText, Note = note };
    }

    /// <summary>
    /// The newest events, back to where the task was put in, or put back: what the operation did before that concerned another task of
    /// this id, or one that has to be removed again first.
    /// </summary>
    private static List<TaskEvent> OfOneLife(List<TaskEvent> events) =>
        [.. events.Take(1), .. events.Skip(1).TakeWhile(logged => !IsRemoval(logged) && !IsPutBack(events[0]) && !IsPutBack(logged))];

    private static bool IsRemoval(TaskEvent logged) => logged.Revision is null;

    private static bool IsPutBack(TaskEvent logged) => logged is { BeforeJson: null, StatusAfter: not null };

    private static bool StandsAs(QueueTask task, TaskEvent left) =>
        task.Revision == left.Revision && TaskDifference.Holds(task, left.AfterJson);

    /// <summary>
    /// The task as it was before the oldest of these events, which are the operation's own, the newest first. Null with the reason if
    /// anything else changed it between them.
    /// </summary>
    /// <param name="task">The task as the newest of them left it.</param>
    /// <param name="events">The events.</param>
    /// <param name="reason">Why not.</param>
    private QueueTask? TakeBack(QueueTask task, List<TaskEvent> events, out string? reason)
    {
        TaskEvent? later = null;
        foreach (var logged in events)
        {
            if (later is not null
                && !(tables.Tasks.IsNext(logged.Revision!, later.Revision!) && TaskDifference.Holds(task, logged.AfterJson)))
            {
                reason = ChangedMeanwhile;
                return null;
            }

            if (logged.BeforeJson is { } json)
            {
                if (TaskDifference.Apply(task, json) is not { } before)
                {
                    reason = "recorded in the log in a way that cannot be read";
                    return null;
                }

                task = before;
            }

            later = logged;
        }

        reason = null;
        return task;
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
            // The operation did not end the claim. The task goes on, and nothing comes back.
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

    private bool WasUndone(SqlSession session, LogSchema schema, string id) => session.Number(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM {schema.Name}.event e JOIN {schema.Name}.operation o ON o.seq = e.operation
            WHERE e.task_id = $task_id AND o.undoes = $undone)
        """,
        ("$task_id", id),
        ("$undone", undone.Id.ToString())) == 1;

    private static UndoneTask Skip(string id, string reason) => new() { Id = id, SkipReason = reason };
}
