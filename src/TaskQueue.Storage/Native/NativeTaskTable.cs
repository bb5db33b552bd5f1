using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TaskQueue.Storage;

/// <summary>
/// The table of tasks of the native layout, in whatever database. What is a column of it is said by <see cref="TaskColumns"/>.
/// </summary>
/// <param name="queue">The queue as its tasks name it.</param>
/// <param name="dialect">The database's SQL.</param>
/// <param name="layout">
/// The layout of the table: one before the present one is only read, for a backup before its upgrade, or as a backup.
/// </param>
internal abstract partial class NativeTaskTable(string queue, SqlDialect dialect, int layout) : TaskTable
{
    // Far from overflow, and exact for a reader of the log that takes it for a double.
    private const long LargestFirstRevision = 1L << 52;

    protected static readonly SqlColumn[] WrittenColumns = [.. TaskColumns.All.Select(column => column.Sql)];

    private readonly string _inserting = RowStatement.Insert($"{dialect.Schema}.task", WrittenColumns, "ON CONFLICT (id) DO NOTHING").Text;
    private readonly string _replacing = RowStatement.Update($"{dialect.Schema}.task", WrittenColumns, TaskColumns.Seq).Text;

    private readonly string _deleting = $"DELETE FROM {dialect.Schema}.task WHERE seq = $seq";

    // One for each set of columns that changes together: a few.
    private readonly ConcurrentDictionary<long, RowStatement> _updates = [];

    // With and without the payload, to read or to change. Filled when they are asked for.
    private readonly string?[] _finding = new string?[4];

    /// <summary>What statements read of a task without what it carries.</summary>
    public TaskSelection Head { get; } = TaskColumns.Select(layout, includePayload: false);

    public override string LastSeqSql { get; } = $"SELECT COALESCE(MAX(seq), 0) FROM {dialect.Schema}.task";

    /// <summary>All that is read of a task.</summary>
    public TaskSelection Whole { get; } = TaskColumns.Select(layout, includePayload: true);

    protected string Tasks { get; } = dialect.Schema + ".task";

    public override void EnsureCanHold(NewTask task)
    {
        // The native layout holds every task that is valid.
    }

    public override void EnsureSupports(TaskChange change)
    {
        // The native layout carries out every change.
    }

    public override TaskRow ReadRow(SqlRow row, bool includesPayload, DateTimeOffset now) =>
        Selection(includesPayload).Read(row, queue, now);

    public override QueueTask? Insert(SqlSession session, QueueTask task, string? source)
    {
        var (inserted, values) = Prepare(task, source, session.Now);
        if (session.Execute(_inserting, values) == 0)
        {
            return null;
        }

        session.Counts.Added(inserted);
        return inserted;
    }

    /// <summary>The task as it will be, and the values of <see cref="TaskColumns.All"/>, in their order.</summary>
    public static (QueueTask Task, (string Name, object? Value)[] Values) Prepare(QueueTask task, string? source, DateTimeOffset now)
    {
        // A revision starts at a random number: an id that is removed and made again, or restored, never repeats one, even within a
        // millisecond or after the clock was set back.
        var revision = Random.Shared.NextInt64(1, LargestFirstRevision);
        var written = new TaskToWrite(task, now, revision, source);
        var values = new (string Name, object? Value)[TaskColumns.All.Count];
        for (var index = 0; index < values.Length; index++)
        {
            var column = TaskColumns.All[index];
            values[index] = (column.Sql.Parameter, column.Value(written));
        }

        return (task with { Revision = ColumnForms.Show(revision), Age = now - task.StateSince }, values);
    }

    public override QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision)
    {
        var difference = new RowDifference(before, after, session.Now, bumpsRevision);
        difference.Values.Add((TaskColumns.Seq.Parameter, seq));
        session.WriteRow(_updates.GetOrAdd(difference.Columns, Updating), CollectionsMarshal.AsSpan(difference.Values));
        session.Counts.Changed(before, difference.After);
        return difference.After;
    }

    public override bool IsNext(string older, string newer) =>
        long.Parse(newer, CultureInfo.InvariantCulture) - long.Parse(older, CultureInfo.InvariantCulture) == 1;

    public override void Delete(SqlSession session, TaskRow row)
    {
        session.Write(_deleting, (TaskColumns.Seq.Parameter, row.Seq));
        session.Counts.Removed(row.Task);
    }

    public override void DeleteAll(SqlSession session)
    {
        session.Write($"DELETE FROM {Tasks}");
        session.Write($"DELETE FROM {Counts}");
        session.Counts.Clear();
    }

    /// <summary>Deletes what is no longer needed of a database's own bookkeeping.</summary>
    public virtual void Prune(SqlSession session, DateTimeOffset before)
    {
        // Not every database keeps such.
    }

    /// <summary>Writes an imported task over a row, whose place in the order of creation stays.</summary>
    public virtual QueueTask Replace(SqlSession session, TaskRow here, QueueTask task, string? source)
    {
        var (replaced, values) = Prepare(task, source, session.Now);
        session.Write(_replacing, [.. values, (TaskColumns.Seq.Parameter, here.Seq)]);
        session.Counts.Changed(here.Task, replaced);
        return replaced;
    }

    /// <summary>What an earlier import left behind on a row: its source's revision, and whether nothing changed it here since.</summary>
    public (string? Source, bool IsUntouched) ImportMark(SqlSession session, long seq) => session.Rows(
        $"SELECT import_source, revision IS NOT DISTINCT FROM import_revision FROM {Tasks} WHERE seq = $seq",
        row => (new NativeRow(row).OptionalText(0), new NativeRow(row).Flag(1)),
        ("$seq", seq))[0];

    protected sealed override string FindSql(bool includePayload, bool forChange) =>
        _finding[(includePayload ? 1 : 0) + (forChange ? 2 : 0)] ??= FindingById("$id", includePayload, forChange);

    /// <summary>A statement for the task with an id.</summary>
    /// <param name="id">The id as it stands in the statement.</param>
    /// <param name="includePayload">Data and result too.</param>
    /// <param name="forChange">Nobody else is to change it before the end of the transaction.</param>
    protected string FindingById(string id, bool includePayload, bool forChange) =>
        $"SELECT {Selection(includePayload).Sql} FROM {Tasks} WHERE id = {id}{(forChange ? dialect.ForUpdate : "")}";

    protected TaskSelection Selection(bool includePayload) => includePayload ? Whole : Head;

    protected override string PageSql(TaskQuery query, bool isFirst)
    {
        var columns = Selection(query.IncludePayload).Sql;
        var direction = query.NewestFirst ? "DESC" : "ASC";
        var seq = query.Statuses.Count == 0 ? "seq" : dialect.WithoutOwnIndex("seq");
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
            // Only tasks that wait have a value in this column.
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

        // One branch for each status, merged. Each walks the index of its status in key order, so that no page sorts what follows it.
        var end = $"ORDER BY {seq} {direction} LIMIT $limit";
        var condition = string.Join(" AND ", conditions);
        List<string> branches = query.Statuses.Count == 0
            ? [$"SELECT {columns} FROM {Tasks} WHERE {condition}"]
            : [.. StoredStatuses(query).Select((_, index) =>
                $"SELECT {columns} FROM {Tasks}{dialect.IndexHint("task_status")} WHERE status = $status{index} AND {condition}")];
        return branches is [var only]
            ? $"{only} {end}"
            : $"{string.Join(" UNION ALL ", branches.Select(branch => dialect.UnionBranch(branch, end)))} ORDER BY "
                + $"seq {direction} LIMIT $limit";
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

    /// <summary>Each status once, since each has a branch of its own. For Unknown, a word that no row of ours can hold.</summary>
    private static IEnumerable<string> StoredStatuses(TaskQuery query) =>
        query.Statuses.Distinct().Select(status => status is QueueTaskStatus.Unknown ? "" : status.ToText());

    private RowStatement Updating(long columns) => RowStatement.Update(Tasks, RowDifference.ColumnsOf(columns), TaskColumns.Seq);

    private static string Names(string prefix, int count) => string.Join(", ", Enumerable.Range(0, count).Select(index => prefix + index));
}
