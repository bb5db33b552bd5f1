namespace TaskQueue.Storage;

/// <summary>The original's table of tasks, read and written by its own conventions.</summary>
internal sealed class OriginalTaskTable(string queue, TimeSpan? utcOffset) : TaskTable
{
    private static readonly string StoredNames = string.Join(", ", OriginalColumn.Stored.Select(column => $"'{column.Name}'"));

    private OriginalTimes _times = new(utcOffset, isGiven: utcOffset is not null);

    /// <summary>The offset of the service's local times, given or inferred; null while unknown.</summary>
    public TimeSpan? UtcOffset => _times.Offset;

    public override string LastSeqSql => "SELECT COALESCE(MAX(id), 0) FROM task_queue";

    public override string CountByStatusSql => "SELECT status, COUNT(*) FROM task_queue GROUP BY status";

    public override string CountByTypeSql => "SELECT task_type, status, COUNT(*) FROM task_queue GROUP BY task_type, status";

    private static string KnownStatuses { get; } = string.Join(", ", StatusNames.All.Select(status => $"'{status.ToText()}'"));

    /// <summary>True if the database holds the original's table of tasks.</summary>
    public static bool IsIn(SqliteSession session) => session.Number(
        $"SELECT COUNT(*) FROM pragma_table_info('task_queue') WHERE name IN ({StoredNames})") == OriginalColumn.Stored.Count;

    /// <summary>Reads the service's offset from its rows, unless it is known: an empty queue tells nothing, a later row may.</summary>
    public void LearnUtcOffset(SqlSession session)
    {
        if (UtcOffset is null && OriginalTimes.Infer(session) is { } inferred)
        {
            _times = new OriginalTimes(inferred, isGiven: false);
        }
    }

    public List<TaskRow> Running(SqlSession session) => session.Rows(
        $"SELECT {OriginalColumn.WholeSql} FROM task_queue WHERE status = 'running'",
        row => ReadRow(row, includesPayload: true, session.Now));

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

    public override TaskRow ReadRow(SqlRow row, bool includesPayload, DateTimeOffset now)
    {
        var status = StatusNames.Parse(row.GetValue(OriginalColumn.Status.Place) as string);
        var read = new OriginalRow(row, status switch
        {
            QueueTaskStatus.Running => TimesOf(row, local: OriginalColumn.StartedAt),
            QueueTaskStatus.Success or QueueTaskStatus.Failed => TimesOf(row, local: OriginalColumn.CompletedAt),
            _ => _times,
        });
        var since = status switch
        {
            QueueTaskStatus.Running => read.RunningSince(started: OriginalColumn.StartedAt, updated: OriginalColumn.UpdatedAt),
            // updated_at says when the task became pending, also after a restart. created_at would count from its first life.
            QueueTaskStatus.Pending => read.Since(OriginalColumn.UpdatedAt, substitute: OriginalColumn.CreatedAt),
            QueueTaskStatus.Success or QueueTaskStatus.Failed =>
                read.Since(OriginalColumn.CompletedAt, substitute: OriginalColumn.UpdatedAt),
            _ => read.Since(OriginalColumn.UpdatedAt, substitute: OriginalColumn.UpdatedAt),
        };
        var task = new QueueTask
        {
            Id = read.Text(OriginalColumn.TaskId) ?? "",
            Type = read.Text(OriginalColumn.Type) ?? "",
            Status = status,
            StatusText = read.Text(OriginalColumn.Status) ?? "",
            Gate = status.IsWaiting() ? TaskGate.Open : null,
            Priority = read.Number(OriginalColumn.Priority, NewTask.DefaultPriority),
            RetryCount = read.Number(OriginalColumn.RetryCount, 0),
            MaxRetries = read.Number(OriginalColumn.MaxRetries, NewTask.DefaultMaxRetries),
            CreatedAt = read.Time(OriginalColumn.CreatedAt),
            StartedAt = read.Time(OriginalColumn.StartedAt),
            CompletedAt = read.Time(OriginalColumn.CompletedAt),
            StateSince = since,
            Age = now - since,
            ErrorMessage = read.Text(OriginalColumn.ErrorMessage),
            Revision = read.Text(OriginalColumn.Revision)!,
            DataJson = includesPayload ? read.Text(OriginalColumn.Data) : null,
            ResultJson = includesPayload ? read.Text(OriginalColumn.Result) : null,
            Queue = queue,
        };
        return new TaskRow(read.Key(OriginalColumn.Id), task with { Remark = read.Remark });
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
            // The original's manager parses the data of every row. One that it cannot parse hides all rows after it.
            ("$data", OriginalJson.Escape(task.DataJson ?? "{}")),
            ("$retry_count", task.RetryCount),
            ("$max_retries", task.MaxRetries),
            ("$created_at", _times.WriteLocal(task.CreatedAt ?? session.Now)),
            ("$updated_at", OriginalTimes.WriteUtc(session.Now)));
        return added == 0 ? null : Find(session, task.Id)!.Value.Task;
    }

    /// <summary>Writes only what differs: the original's values in the other columns stay to the letter.</summary>
    public override QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision)
    {
        // A status that is entered now gets the present time. One that comes back by an undo keeps its own time, from which the age counts.
        var writtenAt = after.StatusText == before.StatusText ? session.Now : after.StateSince ?? session.Now;
        List<(OriginalColumn Column, object? Value)> changed =
            [.. Changed(before, after), (OriginalColumn.UpdatedAt, OriginalTimes.WriteUtc(writtenAt))];
        var assignments = string.Join(", ", changed.Select(change => $"{change.Column.Name} = {change.Column.Parameter}"));
        session.Execute(
            $"UPDATE task_queue SET {assignments} WHERE id = $id",
            [.. changed.Select(change => (change.Column.Parameter, change.Value)), ("$id", seq)]);
        // Read back, because the row cannot hold all of the change: a cancelled task has no time of its end.
        var includePayload = after.DataJson is not null || after.ResultJson is not null;
        return session
            .Rows(
                $"SELECT {Columns(includePayload)} FROM task_queue WHERE id = $id",
                row => ReadRow(row, includePayload, session.Now),
                ("$id", seq))[0]
            .Task;
    }

    public override void Delete(SqlSession session, TaskRow row) =>
        session.Execute("DELETE FROM task_queue WHERE id = $id", ("$id", row.Seq));

    public override void DeleteAll(SqlSession session) => session.Execute("DELETE FROM task_queue");

    protected override string FindSql(bool includePayload, bool forChange) =>
        $"SELECT {Columns(includePayload)} FROM task_queue WHERE task_id = $id";

    protected override string PageSql(TaskQuery query, bool isFirst)
    {
        var columns = Columns(query.IncludePayload);
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

    private static string Columns(bool includePayload) => includePayload ? OriginalColumn.WholeSql : OriginalColumn.HeadSql;

    private OriginalTimes TimesOf(SqlRow row, OriginalColumn local) =>
        _times.Of(local: row.GetValue(local.Place), updated: row.GetValue(OriginalColumn.UpdatedAt.Place));

    private static string StatusCondition(QueueTaskStatus status) => status is QueueTaskStatus.Unknown
        ? $"(status IS NULL OR status NOT IN ({KnownStatuses}))"
        : $"status = '{status.ToText()}'";

    private IEnumerable<(OriginalColumn Column, object? Value)> Changed(QueueTask before, QueueTask after)
    {
        var isPendingAgain = after.Status is QueueTaskStatus.Pending && before.Status is not QueueTaskStatus.Pending;
        if (after.StatusText != before.StatusText)
        {
            yield return (OriginalColumn.Status, after.StatusText);
        }

        if (after.Priority != before.Priority)
        {
            yield return (OriginalColumn.Priority, after.Priority);
        }

        if (after.Type != before.Type)
        {
            yield return (OriginalColumn.Type, after.Type);
        }

        if (after.MaxRetries != before.MaxRetries)
        {
            yield return (OriginalColumn.MaxRetries, after.MaxRetries);
        }

        if (after.DataJson != before.DataJson)
        {
            yield return (OriginalColumn.Data, OriginalJson.Escape(after.DataJson));
        }

        if (after.ResultJson != before.ResultJson)
        {
            yield return (OriginalColumn.Result, OriginalJson.Escape(after.ResultJson));
        }

        if (after.ErrorMessage != before.ErrorMessage)
        {
            yield return (OriginalColumn.ErrorMessage, after.ErrorMessage);
        }

        // A task that starts again gets clean columns, even if the old content could not be read.
        if (isPendingAgain || after.RetryCount != before.RetryCount)
        {
            yield return (OriginalColumn.RetryCount, after.RetryCount);
        }

        if (isPendingAgain || after.StartedAt != before.StartedAt)
        {
            yield return (OriginalColumn.StartedAt, after.StartedAt is { } started ? _times.WriteLocal(started) : null);
        }

        // The original's cancel leaves completed_at as it is.
        if (isPendingAgain || (after.CompletedAt != before.CompletedAt && after.Status is not QueueTaskStatus.Cancelled))
        {
            yield return (OriginalColumn.CompletedAt, after.CompletedAt is { } completed ? WriteCompleted(before, after, completed) : null);
        }
    }

    /// <summary>
    /// In UTC where a task is ended by force, as the original does. What its worker had completed was written in local time, and comes back
    /// in local time.
    /// </summary>
    private string WriteCompleted(QueueTask before, QueueTask after, DateTimeOffset completed) =>
        before.StateSince > completed && !ForcedFailure.Ended(after)
            ? _times.WriteLocal(completed)
            : OriginalTimes.WriteUtc(completed);
}
