using TaskQueue.Storage.Sqlite;

namespace TaskQueue.Storage.Original;

/// <summary>The original's table of tasks, read and written by its own conventions.</summary>
internal sealed partial class OriginalTaskTable(string queue, TimeSpan? utcOffset) : TaskTable
{
    /// <summary>All columns but the key.</summary>
    public const string StoredColumns =
        """
        task_id, task_type, priority, status, data, result, error_message, retry_count, max_retries, created_at, started_at,
        completed_at, updated_at
        """;

    // The order of ReadRow. quote() spells each value as a literal of SQL: NULL differs from '', and 5 from '5'.
    private const string HeadColumns =
        """
        id, task_id, task_type, status, priority, retry_count, max_retries, created_at, started_at, completed_at, updated_at, error_message,
        concat_ws('|', id, quote(status), quote(started_at), quote(updated_at), quote(retry_count)) AS revision
        """;

    private readonly OriginalOperationLog _log = new(queue);
    private OriginalTimes _times = new(utcOffset, isGiven: utcOffset is not null);

    /// <summary>The offset of the service's local times, given or inferred; null while unknown.</summary>
    public TimeSpan? UtcOffset => _times.Offset;

    public override SqlDialect Dialect => SqliteDialect.Instance;

    public override string LastSeqSql => "SELECT COALESCE(MAX(id), 0) FROM task_queue";

    public override string CountByStatusSql => "SELECT status, COUNT(*) FROM task_queue GROUP BY status";

    public override string CountByTypeSql => "SELECT task_type, status, COUNT(*) FROM task_queue GROUP BY task_type, status";

    protected override string FindSql(bool includePayload, bool forChange) => $"SELECT {HeadColumns}, {Payload(includePayload)} FROM task_queue WHERE task_id = $id";

    private static string KnownStatuses { get; } = string.Join(", ", StatusNames.All.Select(status => $"'{status.ToText()}'"));

    /// <summary>True if the database holds the original's table of tasks.</summary>
    public static bool IsIn(SqliteSession session) => session.Number(
        """
        SELECT COUNT(*) FROM pragma_table_info('task_queue')
        WHERE name IN ('id', 'task_id', 'task_type', 'priority', 'status', 'data', 'result', 'error_message', 'retry_count', 'max_retries',
                       'created_at', 'started_at', 'completed_at', 'updated_at')
        """) == 14;

    /// <summary>Reads the service's offset from its rows, unless it is known: an empty queue tells nothing, a later row may.</summary>
    public void LearnUtcOffset(SqlSession session)
    {
        if (UtcOffset is null && OriginalTimes.Infer(session) is { } inferred)
        {
            _times = new OriginalTimes(inferred, isGiven: false);
        }
    }

    public List<TaskRow> Running(SqlSession session) =>
        session.Rows($"SELECT {HeadColumns}, data, result FROM task_queue WHERE status = 'running'", row => ReadRow(row, session.Now));

    /// <inheritdoc cref="OriginalOperationLog.AttachIfThere"/>
    public void AttachLogIfThere(SqlSession session) => _log.AttachIfThere(session);

    public override string TrashKey => "rowid";

    public override string OpenLog(SqlSession session) => _log.Open(session);

    public override void EnsureCanHold(NewTask task)
    {
        if (task.DueAt is not null || task.Delay > TimeSpan.Zero)
        {
            throw new LayoutNotSupportedException("a due time");
        }

        if (task.Timeout is not null)
        {
            throw new LayoutNotSupportedException("a task's time-out");
        }
    }

    public override void EnsureSupports(TaskChange change)
    {
        if (change.Requires.HasFlag(LayoutFeatures.Claims))
        {
            throw new LayoutNotSupportedException("claims and leases");
        }

        if (change.Requires.HasFlag(LayoutFeatures.Timeouts))
        {
            throw new LayoutNotSupportedException("a time-out");
        }

        if (change.Requires.HasFlag(LayoutFeatures.DueTimes))
        {
            throw new LayoutNotSupportedException("a due time");
        }
    }

    public override QueueTask? Insert(SqlSession session, QueueTask task, string? source)
    {
        var added = session.Execute(
            """
            INSERT INTO task_queue (task_id, task_type, priority, status, data, retry_count, max_retries, created_at, updated_at)
            VALUES ($task_id, $task_type, $priority, $status, $data, $retry_count, $max_retries, $created_at, $updated_at)
            ON CONFLICT (task_id) DO NOTHING
            """,
            ("$task_id", task.Id),
            ("$task_type", task.Type),
            ("$priority", task.Priority),
            ("$status", task.StatusText),
            // The original's manager parses every row's data, and one that it cannot parse hides all rows after it.
            ("$data", OriginalJson.Escape(task.DataJson ?? "{}")),
            ("$retry_count", task.RetryCount),
            ("$max_retries", task.MaxRetries),
            ("$created_at", _times.WriteLocal(task.CreatedAt ?? session.Now)),
            ("$updated_at", OriginalTimes.WriteUtc(session.Now)));
        return added == 0 ? null : Find(session, task.Id)!.Value.Task;
    }

    /// <summary>Writes what differs and nothing else: what the original put into the other columns stays to the letter.</summary>
    public override QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision)
    {
        // A status that is entered now has the time of now; one that comes back by an undo keeps its own, from which the age counts.
        var writtenAt = after.StatusText == before.StatusText ? session.Now : after.StateSince ?? session.Now;
        (string Column, object? Value)[] changed = [.. Changed(before, after), ("updated_at", OriginalTimes.WriteUtc(writtenAt))];
        session.Execute(
            $"UPDATE task_queue SET {string.Join(", ", changed.Select(change => $"{change.Column} = ${change.Column}"))} WHERE id = $id",
            [.. changed.Select(change => ($"${change.Column}", change.Value)), ("$id", seq)]);
        // Read back, because the row cannot hold all that the change says: a cancelled task has no time of its end.
        var payload = Payload(after.DataJson is not null || after.ResultJson is not null);
        return session.Rows($"SELECT {HeadColumns}, {payload} FROM task_queue WHERE id = $id", row => ReadRow(row, session.Now), ("$id", seq))[0].Task;
    }

    public override void Delete(SqlSession session, long seq, OperationLog? keepFor)
    {
        if (keepFor is not null)
        {
            // First, because the log may have to be opened for it.
            var operation = keepFor.Begin();
            session.Execute(
                $"""
                INSERT INTO {OriginalOperationLog.Schema}.trash (id, {StoredColumns}, removed_at, operation)
                SELECT id, {StoredColumns}, $removed_at, $operation FROM main.task_queue WHERE id = $id
                """,
                ("$removed_at", keepFor.At.ToUnixTimeMilliseconds()),
                ("$operation", operation),
                ("$id", seq));
        }

        session.Execute("DELETE FROM task_queue WHERE id = $id", ("$id", seq));
    }

    public override bool TellWorker(SqlSession session, QueueTask before) => false;

    public override void TellWorkers(SqlSession session)
    {
        // The original's worker cannot be reached from outside.
    }

    public override void DeleteAll(SqlSession session) => session.Execute("DELETE FROM task_queue");

    protected override string PageSql(TaskQuery query, bool isFirst)
    {
        var columns = $"{HeadColumns}, {Payload(query.IncludePayload)}";
        var direction = query.NewestFirst ? "DESC" : "ASC";
        var conditions = isFirst ? "$last = 0" : query.NewestFirst ? "id < $last" : "id > $last";
        if (query.Types.Count > 0)
        {
            conditions += $" AND task_type IN ({string.Join(", ", query.Types.Select((_, index) => $"$type{index}"))})";
        }

        if (query.ExcludedTypes.Count > 0)
        {
            conditions += $" AND task_type NOT IN ({string.Join(", ", query.ExcludedTypes.Select((_, index) => $"$excluded{index}"))})";
        }

        if (query.HasErrorMessage)
        {
            conditions += " AND error_message IS NOT NULL";
        }

        // One branch a status, merged: each walks idx_task_status in key order, so that no page sorts what follows it.
        var branches = query.Statuses.Count == 0
            ? [$"SELECT {columns} FROM task_queue WHERE {conditions}"]
            : query.Statuses.Select(status => $"SELECT {columns} FROM task_queue WHERE {StatusCondition(status)} AND {conditions}");
        return $"{string.Join(" UNION ALL ", branches)} ORDER BY id {direction} LIMIT $limit";
    }

    protected override (string, object?)[] PageParameters(TaskQuery query, DateTimeOffset now) =>
        [
            .. query.Types.Select((type, index) => ($"$type{index}", (object?)type)),
            .. query.ExcludedTypes.Select((type, index) => ($"$excluded{index}", (object?)type)),
        ];

    protected override TaskRow ReadRow(SqlRow row, DateTimeOffset now)
    {
        var status = StatusNames.Parse(row.GetValue(3) as string);
        var read = new OriginalRow(row, status switch
        {
            QueueTaskStatus.Running => _times.Of(local: row.GetValue(8), updated: row.GetValue(10)),
            QueueTaskStatus.Success or QueueTaskStatus.Failed => _times.Of(local: row.GetValue(9), updated: row.GetValue(10)),
            _ => _times,
        });
        var since = status switch
        {
            QueueTaskStatus.Running => read.RunningSince(started: 8, updated: 10),
            // updated_at tells when it became pending, also after a restart; created_at would count from its first life.
            QueueTaskStatus.Pending => read.Since(10, substitute: 7),
            QueueTaskStatus.Success or QueueTaskStatus.Failed => read.Since(9, substitute: 10),
            _ => read.Since(10, substitute: 10),
        };
        var task = new QueueTask
        {
            Id = read.Text(1) ?? "",
            Type = read.Text(2) ?? "",
            Status = status,
            StatusText = read.Text(3) ?? "",
            Gate = status.IsWaiting() ? TaskGate.Open : null,
            Priority = read.Number(4, NewTask.DefaultPriority),
            RetryCount = read.Number(5, 0),
            MaxRetries = read.Number(6, NewTask.DefaultMaxRetries),
            CreatedAt = read.Time(7),
            StartedAt = read.Time(8),
            CompletedAt = read.Time(9),
            StateSince = since,
            Age = now - since,
            ErrorMessage = read.Text(11),
            Revision = read.Text(12)!,
            DataJson = read.Text(13),
            ResultJson = read.Text(14),
            Queue = queue,
        };
        return new TaskRow(read.Key(0), task with { Remark = read.Remark });
    }

    private static string StatusCondition(QueueTaskStatus status) => status is QueueTaskStatus.Unknown
        ? $"(status IS NULL OR status NOT IN ({KnownStatuses}))"
        : $"status = '{status.ToText()}'";

    private IEnumerable<(string Column, object? Value)> Changed(QueueTask before, QueueTask after)
    {
        var isPendingAgain = after.Status is QueueTaskStatus.Pending && before.Status is not QueueTaskStatus.Pending;
        if (after.StatusText != before.StatusText)
        {
            yield return ("status", after.StatusText);
        }

        if (after.Priority != before.Priority)
        {
            yield return ("priority", after.Priority);
        }

        if (after.Type != before.Type)
        {
            yield return ("task_type", after.Type);
        }

        if (after.MaxRetries != before.MaxRetries)
        {
            yield return ("max_retries", after.MaxRetries);
        }

        if (after.DataJson != before.DataJson)
        {
            yield return ("data", OriginalJson.Escape(after.DataJson));
        }

        if (after.ResultJson != before.ResultJson)
        {
            yield return ("result", OriginalJson.Escape(after.ResultJson));
        }

        if (after.ErrorMessage != before.ErrorMessage)
        {
            yield return ("error_message", after.ErrorMessage);
        }

        // A task that starts again gets clean columns even where the old content could not be read.
        if (isPendingAgain || after.RetryCount != before.RetryCount)
        {
            yield return ("retry_count", after.RetryCount);
        }

        if (isPendingAgain || after.StartedAt != before.StartedAt)
        {
            yield return ("started_at", after.StartedAt is { } started ? _times.WriteLocal(started) : null);
        }

        // The original's cancel leaves completed_at as it is.
        if (isPendingAgain || (after.CompletedAt != before.CompletedAt && after.Status is not QueueTaskStatus.Cancelled))
        {
            yield return ("completed_at", after.CompletedAt is { } completed ? WriteCompleted(before, after, completed) : null);
        }
    }

    /// <summary>In UTC where a task is ended by force, as the original does it. What its worker had completed was written in local time, and comes back so.</summary>
    private string WriteCompleted(QueueTask before, QueueTask after, DateTimeOffset completed) =>
        before.StateSince > completed && !ForcedFailure.Ended(after)
            ? _times.WriteLocal(completed)
            : OriginalTimes.WriteUtc(completed);
}
