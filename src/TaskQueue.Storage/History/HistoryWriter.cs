namespace TaskQueue.Storage;

/// <summary>Deletes from the log what is old, and adds what comes from other logs.</summary>
internal static class HistoryWriter
{
    // A few milliseconds each, so that the write lock is never held long.
    private const int EventsPerStep = 1000;

    // A removed task weighs what its data do.
    private const int TrashPerStep = 200;

    /// <summary>
    /// Steps that delete a bounded number of rows older than a time, each to be repeated until it deletes less than its limit.
    /// </summary>
    public static int DeleteEvents(SqlSession session, LogSchema log, DateTimeOffset before) => session.Execute(
        $"DELETE FROM {log.Name}.event WHERE seq IN "
            + $"(SELECT seq FROM {log.Name}.event WHERE at < $before ORDER BY at LIMIT {EventsPerStep})",
        ("$before", before.ToUnixTimeMilliseconds()));

    /// <summary>Operations as old that have no event left.</summary>
    public static int DeleteOperations(SqlSession session, LogSchema log, DateTimeOffset before) => session.Execute(
        $"""
        DELETE FROM {log.Name}.operation WHERE seq IN (
            SELECT o.seq FROM {log.Name}.operation o
            WHERE o.at < $before AND NOT EXISTS (SELECT 1 FROM {log.Name}.event WHERE operation = o.seq)
            LIMIT {EventsPerStep})
        """,
        ("$before", before.ToUnixTimeMilliseconds()));

    /// <summary>Removed tasks.</summary>
    public static int DeleteTrash(SqlSession session, LogSchema log, DateTimeOffset before) => session.Execute(
        $"""
        DELETE FROM {log.Name}.trash WHERE {log.Dialect.TrashKey} IN (
            SELECT {log.Dialect.TrashKey} FROM {log.Name}.trash WHERE removed_at < $before ORDER BY removed_at LIMIT {TrashPerStep})
        """,
        ("$before", before.ToUnixTimeMilliseconds()));

    /// <summary>True if one of the steps would find something: a plain read.</summary>
    public static bool HasOld(SqlSession session, LogSchema log, DateTimeOffset eventsBefore, DateTimeOffset trashBefore) => session.Number(
        $"""
        SELECT EXISTS (SELECT 1 FROM {log.Name}.event WHERE at < $events)
            OR EXISTS (SELECT 1 FROM {log.Name}.trash WHERE removed_at < $trash)
            OR EXISTS (SELECT 1 FROM {log.Name}.operation o WHERE o.at < $events AND NOT EXISTS (SELECT 1 FROM {log.Name}.event
                WHERE operation = o.seq))
        """,
        ("$events", eventsBefore.ToUnixTimeMilliseconds()),
        ("$trash", trashBefore.ToUnixTimeMilliseconds())) == 1;

    /// <summary>Adds an operation of another queue and those of its events that are not here; returns how many these were.</summary>
    public static int Add(SqlSession session, string schema, OperationWithEvents recorded)
    {
        var seq = AddOperation(session, schema, recorded.Operation);
        // All that tells events of one operation and task apart: what is equal in all of it is the same event.
        return recorded.Events.Sum(logged => session.Execute(
            $"""
            INSERT INTO {schema}.event (at, operation, task_id, kind, undoable, before, after, revision, details)
            SELECT CAST($at AS BIGINT), CAST($operation AS BIGINT), $task_id, $kind, CAST($undoable AS BIGINT), $before, $after, $revision,
                $details
            WHERE NOT EXISTS (
                SELECT 1 FROM {schema}.event
                WHERE task_id = $task_id AND operation = $operation AND at = $at AND kind = $kind
                  AND revision IS NOT DISTINCT FROM $revision AND details IS NOT DISTINCT FROM $details)
            """,
            ("$at", logged.Time.ToUnixTimeMilliseconds()),
            ("$operation", seq),
            ("$task_id", logged.TaskId),
            ("$kind", logged.Event),
            ("$undoable", logged.IsUndoable ? 1 : 0),
            ("$before", logged.BeforeJson),
            ("$after", logged.AfterJson),
            ("$revision", logged.Revision),
            ("$details", logged.Details)));
    }

    /// <summary>Adds an operation unless it is here; returns its key.</summary>
    public static long AddOperation(SqlSession session, string schema, QueueOperation operation)
    {
        session.Write(
            $"""
            INSERT INTO {schema}.operation (id, kind, at, "user", machine, process_id, command, reason, undoes)
            VALUES ($id, $kind, $at, $user, $machine, $process_id, $command, $reason, $undoes)
            ON CONFLICT (id) DO NOTHING
            """,
            ("$id", operation.Id.ToString()),
            ("$kind", operation.Kind),
            ("$at", operation.At.ToUnixTimeMilliseconds()),
            ("$user", operation.Actor.User),
            ("$machine", operation.Actor.Machine),
            ("$process_id", operation.Actor.ProcessId),
            ("$command", operation.Actor.Command),
            ("$reason", operation.Reason),
            ("$undoes", operation.Undoes?.ToString()));
        return session.Number($"SELECT seq FROM {schema}.operation WHERE id = $id", ("$id", operation.Id.ToString()));
    }
}
