using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TaskQueue.Storage.Own;

/// <summary>The table of tasks of our own layout, in whatever database.</summary>
/// <param name="queue">The queue as its tasks name it.</param>
/// <param name="dialect">The database's SQL.</param>
/// <param name="knowsRecoveries">False for a table of the former layout, which is only read: for a backup before its upgrade, or as a backup.</param>
internal abstract partial class OwnTaskTable(string queue, SqlDialect dialect, bool knowsRecoveries) : TaskTable
{
    private readonly StopTable _stops = new(dialect);

    // One for each set of columns that changes together: a few.
    private readonly ConcurrentDictionary<long, RowStatement> _updates = [];

    private static readonly SqlColumn Seq = new("seq", SqlType.Integer);
    private static readonly SqlColumn Revision = new("revision", SqlType.Integer);

    // Far from overflow, and exact where a reader of the log takes it for a double.
    private const long LargestFirstRevision = 1L << 52;

    protected const string StoredColumns =
        """
        id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, recovered_at, due_at, started_at, begun_at, heartbeat_at,
        lease_expires_at, completed_at, state_since, worker, worker_id, progress_at, claim_token, progress, progress_message,
        error_message, created_at, timeout, revision, import_revision, import_source, data, result
        """;

    public override SqlDialect Dialect => dialect;

    public override string LastSeqSql => $"SELECT COALESCE(MAX(seq), 0) FROM {Tasks}";

    public override string CountByStatusSql => $"SELECT status, COUNT(*) FROM {Tasks} GROUP BY status";

    public override string CountByTypeSql => $"SELECT type, status, COUNT(*) FROM {Tasks} GROUP BY type, status";

    public override string TrashKey => dialect.TrashKey;

    /// <summary>The stops of the claims on these tasks.</summary>
    public StopTable Stops => _stops;

    /// <summary>In the order of <see cref="ReadRow"/>.</summary>
    protected string HeadColumns { get; } =
        $"""
        seq, id, type, status, priority, retry_count, max_retries, attempt, recoveries, timeout, created_at, due_at, started_at,
        heartbeat_at, lease_expires_at, completed_at, state_since, worker, worker_id, claim_token, progress, progress_message,
        revision, error_message, progress_at, {(knowsRecoveries ? "recovered_at, begun_at" : "NULL, NULL")}, ready
        """;

    protected string Tasks { get; } = dialect.Schema + ".task";

    private string Trash { get; } = dialect.Schema + ".trash";

    private string InsertSql { get; } =
        $"INSERT INTO {dialect.Schema}.task ({StoredColumns}) VALUES ({string.Join(", ", StoredColumns.Split(',', StringSplitOptions.TrimEntries).Select(column => "$" + column))}) ON CONFLICT (id) DO NOTHING";

    public override string OpenLog(SqlSession session) => dialect.Schema;

    public override void EnsureCanHold(NewTask task)
    {
        // Our own layout holds every task that is valid.
    }

    public override void EnsureSupports(TaskChange change)
    {
        // Our own layout carries out every change.
    }

    public override LogSchema? LogForReading(SqlSession session) => new LogSchema(dialect.Schema, KnowsUndo: true, dialect);

    public override bool TellWorker(SqlSession session, QueueTask before) => _stops.Add(session, before);

    public override void TellWorkers(SqlSession session) => _stops.AddForAllRunning(session);

    public override QueueTask? Insert(SqlSession session, QueueTask task, string? source)
    {
        var (inserted, parameters) = Prepare(task, source, session.Now);
        return session.Execute(InsertSql, parameters) == 0 ? null : inserted;
    }

    /// <summary>The task as it will be, and the values of <see cref="StoredColumns"/>, in their order.</summary>
    protected static (QueueTask Task, (string Name, object? Value)[] Values) Prepare(QueueTask task, string? source, DateTimeOffset now)
    {
        // A revision starts anywhere: an id that is removed and made again, or restored, never repeats one, even within a
        // millisecond or after the clock was set back.
        var revision = Random.Shared.NextInt64(1, LargestFirstRevision);
        return (
            task with { Revision = Show(revision), Age = now - task.StateSince },
            [
                ("$id", task.Id),
                ("$type", task.Type),
                .. TaskColumn.OfState.Select(column => (column.Column.Parameter, column.Value(task, now))),
                ("$created_at", (task.CreatedAt ?? now).ToStored()),
                ("$timeout", task.Timeout?.TotalMilliseconds is { } timeout ? (long)timeout : null),
                ("$revision", revision),
                ("$import_revision", source is null ? null : revision),
                ("$import_source", source),
                ("$data", task.DataJson),
                ("$result", task.ResultJson),
            ]);
    }

    public override QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision)
    {
        var revision = long.Parse(before.Revision, CultureInfo.InvariantCulture) + (bumpsRevision ? 1 : 0);
        var changed = new List<(string Name, object? Value)>(TaskColumn.All.Count) { (Revision.Parameter, revision) };
        long columns = 0;
        for (var index = 0; index < TaskColumn.All.Count; index++)
        {
            var column = TaskColumn.All[index];
            if (column.Differs(before, after))
            {
                columns |= 1L << index;
                changed.Add((column.Column.Parameter, column.Value(after, session.Now)));
            }
        }

        changed.Add((Seq.Parameter, seq));
        session.WriteRow(_updates.GetOrAdd(columns, Updating), CollectionsMarshal.AsSpan(changed));
        return after with { Revision = Show(revision) };
    }

    public override void Delete(SqlSession session, long seq, OperationLog? keepFor)
    {
        if (keepFor is not null)
        {
            session.Write(
                $"""
                INSERT INTO {Trash} (seq, {StoredColumns}, removed_at, operation)
                SELECT seq, {StoredColumns}, CAST($removed_at AS BIGINT), CAST($operation AS BIGINT) FROM {Tasks} WHERE seq = $seq
                """,
                ("$removed_at", keepFor.At.ToStored()),
                ("$operation", keepFor.Begin()),
                ("$seq", seq));
        }

        session.Write($"DELETE FROM {Tasks} WHERE seq = $seq", ("$seq", seq));
    }

    /// <summary>Deletes what nobody needs any more of what a database keeps beside our tables' own content.</summary>
    public virtual void Prune(SqlSession session, DateTimeOffset before)
    {
        // Not every database keeps such.
    }

    /// <summary>Writes an imported task over a row, whose place in the order of creation stays.</summary>
    public virtual QueueTask Replace(SqlSession session, long seq, QueueTask task, string? source)
    {
        var (replaced, values) = Prepare(task, source, session.Now);
        // Parameters are called as their columns.
        var assignments = string.Join(", ", values.Select(value => $"{value.Name[1..]} = {value.Name}"));
        session.Write($"UPDATE {Tasks} SET {assignments} WHERE seq = $seq", [("$seq", seq), .. values]);
        return replaced;
    }

    public override void DeleteAll(SqlSession session) => session.Write($"DELETE FROM {Tasks}");

    /// <summary>What an earlier import left behind on a row: its source's revision, and whether nothing changed it here since.</summary>
    public (string? Source, bool IsUntouched) ImportMark(SqlSession session, long seq) => session.Rows(
        $"SELECT import_source, revision IS NOT DISTINCT FROM import_revision FROM {Tasks} WHERE seq = $seq",
        row => (new OwnRow(row).OptionalText(0), new OwnRow(row).Flag(1)),
        ("$seq", seq))[0];

    protected override string FindSql(bool includePayload, bool forChange) =>
        $"SELECT {HeadColumns}, {Payload(includePayload)} FROM {Tasks} WHERE id = $id{(forChange ? dialect.ForChange : "")}";

    protected override string PageSql(TaskQuery query, bool isFirst)
    {
        var columns = $"{HeadColumns}, {Payload(query.IncludePayload)}";
        var direction = query.NewestFirst ? "DESC" : "ASC";
        var seq = query.Statuses.Count == 0 ? "seq" : dialect.Ordered("seq");
        List<string> conditions = [isFirst ? "$last = 0" : query.NewestFirst ? $"{seq} < $last" : $"{seq} > $last"];
        if (query.Types.Count > 0)
        {
            conditions.Add($"type IN ({Names("$type", query.Types.Count)})");
        }

        if (query.ExcludedTypes.Count > 0)
        {
            conditions.Add($"type NOT IN ({Names("$excluded", query.ExcludedTypes.Count)})");
        }

        if (query.DueBefore is not null)
        {
            // Whatever waits has a place in this column, and nothing else.
            conditions.Add("ready IS NOT NULL AND due_at < $due");
        }

        if (query.HasErrorMessage)
        {
            conditions.Add("error_message IS NOT NULL");
        }

        if (query.OlderThan is not null)
        {
            conditions.Add("state_since <= $older");
        }

        if (query.NewerThan is not null)
        {
            conditions.Add("state_since > $newer");
        }

        // One branch a status, merged: each walks the index of its status in key order, so that no page sorts what follows it.
        var end = $"ORDER BY {seq} {direction} LIMIT $limit";
        List<string> branches = query.Statuses.Count == 0
            ? [$"SELECT {columns} FROM {Tasks} WHERE {string.Join(" AND ", conditions)}"]
            : [.. StoredStatuses(query).Select((_, index) =>
                $"SELECT {columns} FROM {Tasks}{dialect.By("task_status")} WHERE status = $status{index} AND {string.Join(" AND ", conditions)}")];
        return branches is [var only] ? $"{only} {end}" : $"{string.Join(" UNION ALL ", branches.Select(branch => dialect.Branch(branch, end)))} ORDER BY seq {direction} LIMIT $limit";
    }

    protected override (string, object?)[] PageParameters(TaskQuery query, DateTimeOffset now)
    {
        List<(string, object?)> parameters =
        [
            .. query.Types.Select((type, index) => ($"$type{index}", (object?)type)),
            .. query.ExcludedTypes.Select((type, index) => ($"$excluded{index}", (object?)type)),
            .. StoredStatuses(query).Select((status, index) => ($"$status{index}", (object?)status)),
        ];
        if (query.DueBefore is { } due)
        {
            parameters.Add(("$due", due.ToStored()));
        }

        if (query.OlderThan is { } older)
        {
            parameters.Add(("$older", (now - older).ToStored()));
        }

        if (query.NewerThan is { } newer)
        {
            parameters.Add(("$newer", (now - newer).ToStored()));
        }

        return [.. parameters];
    }

    protected override TaskRow ReadRow(SqlRow row, DateTimeOffset now)
    {
        var read = new OwnRow(row);
        var status = read.Text(3);
        var since = read.Time(16);
        var task = new QueueTask
        {
            Id = read.Text(1),
            Type = read.Text(2),
            Status = StatusNames.Parse(status),
            StatusText = status,
            Priority = read.Number(4, NewTask.DefaultPriority),
            RetryCount = read.Number(5, 0),
            MaxRetries = read.Number(6, NewTask.DefaultMaxRetries),
            Attempt = read.Number(7, 0),
            Recoveries = read.Number(8, 0),
            Timeout = read.Duration(9),
            CreatedAt = read.Time(10),
            DueAt = read.Time(11),
            StartedAt = read.Time(12),
            HeartbeatAt = read.Time(13),
            LeaseExpiresAt = read.Time(14),
            CompletedAt = read.Time(15),
            StateSince = since,
            Age = now - since,
            Worker = read.OptionalText(17),
            WorkerId = read.Identifier(18),
            ClaimToken = read.Identifier(19),
            Progress = read.OptionalReal(20),
            ProgressMessage = read.OptionalText(21),
            Revision = Show(read.Key(22)),
            ErrorMessage = read.OptionalText(23),
            ProgressAt = read.Time(24),
            RecoveryHistory = new(read.OptionalText(25)),
            BegunAt = read.Time(26),
            Gate = read.Gate(27),
            DataJson = read.OptionalText(28),
            ResultJson = read.OptionalText(29),
            Queue = queue,
        };
        return new TaskRow(read.Key(0), read.Remark is { } remark ? task with { Remark = remark } : task);
    }

    /// <summary>Each once, since each is a branch of its own; for Unknown a word that no row of ours can hold.</summary>
    private static IEnumerable<string> StoredStatuses(TaskQuery query) =>
        query.Statuses.Distinct().Select(status => status is QueueTaskStatus.Unknown ? "" : status.ToText());

    /// <summary>
    /// Writes the columns whose bits are set, in the order of <see cref="TaskColumn.All"/>, and no others: most changes touch six of twenty, large texts need not be written to
    /// renew a lease, and an index costs nothing whose columns stay as they are.
    /// </summary>
    private RowStatement Updating(long columns) => RowStatement.Update(
        Tasks, [Revision, .. TaskColumn.All.Where((_, index) => (columns & (1L << index)) != 0).Select(column => column.Column)], Seq);

    private static string Names(string prefix, int count) => string.Join(", ", Enumerable.Range(0, count).Select(index => prefix + index));

    private static string Show(long revision) => revision.ToString(CultureInfo.InvariantCulture);
}
