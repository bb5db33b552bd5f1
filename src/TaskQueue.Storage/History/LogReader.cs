namespace TaskQueue.Storage;

/// <summary>Reads the tables of the operations log, a page at a time.</summary>
/// <param name="queue">The queue the log belongs to.</param>
internal sealed class LogReader(string queue)
{
    public const int PageRows = 200;

    /// <summary>Operations before a place in the order of time, the newest first.</summary>
    public List<(long Seq, QueueOperation Operation)> Operations(
        SqlSession session, LogSchema log, OperationQuery query, DateTimeOffset now, (DateTimeOffset At, long Seq)? before)
    {
        List<string> conditions = [];
        List<(string, object?)> parameters = [];
        Require(query.Id is not null, "o.id = $id", "$id", query.Id?.ToString());
        Require(query.Kind is not null, "o.kind = $kind", "$kind", query.Kind);
        Require(query.ExcludedKind is not null, "o.kind <> $excluded", "$excluded", query.ExcludedKind);
        Require(query.NewerThan is not null, "o.at > $newer", "$newer", (now - query.NewerThan)?.ToUnixTimeMilliseconds());
        Require(before is not null, "(o.at, o.seq) < ($at, $seq)", "$at", before?.At.ToUnixTimeMilliseconds());
        if (before is { Seq: var seq })
        {
            parameters.Add(("$seq", seq));
        }

        parameters.Add(("$limit", PageRows));
        return session.Rows(
            $"""
            SELECT o.seq, o.id, o.kind, o.at, o.user, o.machine, o.process_id, o.command, o.reason,
                   (SELECT COUNT(*) FROM {log.Name}.event WHERE operation = o.seq),
                   o.undoes, (SELECT u.id FROM {log.Name}.operation u WHERE u.undoes = o.id ORDER BY u.seq DESC LIMIT 1)
            FROM {log.Name}.operation o
            {(conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}")}
            ORDER BY o.at DESC, o.seq DESC LIMIT $limit
            """,
            row => (row.GetInt64(0), ReadOperation(row)),
            [.. parameters]);

        void Require(bool isAsked, string condition, string name, object? value)
        {
            if (isAsked)
            {
                conditions.Add(condition);
                parameters.Add((name, value));
            }
        }
    }

    /// <summary>
    /// Events after a place, the oldest first: by time for one task, whose events may have come from several queues, else as they were
    /// written.
    /// </summary>
    public List<(long Seq, TaskEvent Event)> Events(
        SqlSession session, LogSchema log, EventQuery query, (DateTimeOffset At, long Seq)? after)
    {
        List<string> conditions = [];
        List<(string, object?)> parameters = [];
        if (query.TaskId is { } task)
        {
            conditions.Add("e.task_id = $task_id");
            parameters.Add(("$task_id", task));
        }

        if (query.OperationId is { } operation)
        {
            conditions.Add($"e.operation = (SELECT seq FROM {log.Name}.operation WHERE id = $operation)");
            parameters.Add(("$operation", operation.ToString()));
        }

        var seq = query is { OperationId: null, TaskId: null } ? "e.seq" : log.Dialect.WithoutOwnIndex("e.seq");
        var at = log.Dialect.WithoutOwnIndex("e.at");
        if (after is { } place)
        {
            conditions.Add(query.TaskId is null ? $"{seq} > $seq" : $"({at}, {seq}) > ($at, $seq)");
            parameters.Add(("$seq", place.Seq));
            if (query.TaskId is not null)
            {
                parameters.Add(("$at", place.At.ToUnixTimeMilliseconds()));
            }
        }

        parameters.Add(("$limit", PageRows));
        return session.Rows(
            $"""
            {EventSql(log)}
            {(conditions.Count == 0 ? "" : $"WHERE {string.Join(" AND ", conditions)}")}
            ORDER BY {(query.TaskId is null ? seq : $"{at}, {seq}")} LIMIT $limit
            """,
            row => (row.GetInt64(0), ReadEvent(row)),
            [.. parameters]);
    }

    /// <summary>
    /// The tasks of one operation's undoable events before a place, the newest event first: the order of an undo. A task that has several
    /// such events comes several times.
    /// </summary>
    public static List<(long Seq, string TaskId)> UndoableTasks(SqlSession session, LogSchema log, long operation, long before)
    {
        var seq = log.Dialect.WithoutOwnIndex("e.seq");
        return session.Rows(
            $"""
            SELECT e.seq, e.task_id FROM {log.Name}.event e
            WHERE e.operation = $operation AND {seq} < $seq AND e.undoable <> 0 ORDER BY {seq} DESC LIMIT $limit
            """,
            row => (row.GetInt64(0), row.GetString(1)),
            ("$operation", operation),
            ("$seq", before),
            ("$limit", PageRows));
    }

    /// <summary>What an undo takes back of what one operation did to one task, the newest first.</summary>
    public List<TaskEvent> UndoableEvents(SqlSession session, LogSchema log, long operation, string taskId) => session.Rows(
        $"{EventSql(log)} WHERE e.task_id = $task_id AND {log.Dialect.WithoutOwnIndex("e.operation")} = $operation AND e.undoable "
            + "<> 0 ORDER BY e.seq DESC",
        ReadEvent,
        ("$task_id", taskId),
        ("$operation", operation));

    private static string EventSql(LogSchema log) =>
        $"""
        SELECT e.seq, e.at, e.kind, e.task_id, o.id, o.user, o.machine, o.process_id, o.command, o.reason, e.before, e.after, e.revision,
            e.details, e.undoable
        FROM {log.Name}.event e JOIN {log.Name}.operation o ON o.seq = e.operation
        """;

    private QueueOperation ReadOperation(SqlRow row) => new()
    {
        Id = Guid.Parse(row.GetString(1)),
        Kind = row.GetString(2),
        At = Time(row, 3),
        Actor = new Actor(row.GetString(4), row.GetString(5), (int)row.GetInt64(6), row.GetString(7)),
        Reason = Text(row, 8),
        Tasks = row.GetInt64(9),
        Undoes = Text(row, 10) is { } undoes ? Guid.Parse(undoes) : null,
        UndoneBy = Text(row, 11) is { } undoneBy ? Guid.Parse(undoneBy) : null,
        Queue = queue,
    };

    private TaskEvent ReadEvent(SqlRow row)
    {
        var (before, after) = (Text(row, 10), Text(row, 11));
        return new TaskEvent
        {
            Time = Time(row, 1),
            Event = row.GetString(2),
            TaskId = row.GetString(3),
            OperationId = Guid.Parse(row.GetString(4)),
            By = FormattableString.Invariant($"{row.GetString(5)}@{row.GetString(6)}:{row.GetInt64(7)} {row.GetString(8)}"),
            Reason = Text(row, 9),
            StatusBefore = TaskDifference.StatusIn(before),
            StatusAfter = TaskDifference.StatusIn(after),
            BeforeJson = before,
            AfterJson = after,
            Revision = Text(row, 12),
            Details = Text(row, 13),
            IsUndoable = row.GetInt64(14) != 0,
            Queue = queue,
        };
    }

    private static DateTimeOffset Time(SqlRow row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    private static string? Text(SqlRow row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
