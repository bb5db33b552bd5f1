using System.Diagnostics;
using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>
/// What every store on an SQL database does alike: reading in pages by key, and carrying out changes as read, decide, write
/// in one transaction. What differs (tables, claims, backup) is in the stores themselves.
/// </summary>
internal abstract class SqlTaskStore : ITaskStore
{
    private const int PageRows = 500;

    // A page is held in memory as a whole: some 64 MB of text at the most, and one task more.
    private const long MostPageCharacters = 16 * 1024 * 1024;

    // How many rows are read at once to be changed: their data are in memory together.
    private const int ChangedAtOnce = 500;

    public abstract QueueInfo Info { get; }

    public abstract DateTimeOffset Now { get; }

    public abstract IWorkerRegistry Workers { get; }

    public IOperationHistory History => field ??= new SqlHistory(this, Tables);

    protected abstract QueueTables Tables { get; }

    private TaskTable Tasks => Tables.Tasks;

    public IEnumerable<QueueTask> Read(TaskQuery query, CancellationToken cancellation) =>
        ReadRows(query, null, cancellation).Select(row => row.Task);

    public CursorPage ReadPage(TaskQuery query, string? after, CancellationToken cancellation)
    {
        // One more than is asked for: it tells whether a page follows.
        var rows = ReadRows(
            query with { Limit = query.Limit is { } limit and < int.MaxValue ? limit + 1 : null }, KeyOf(after), cancellation);
        List<QueueTask> tasks = [];
        long characters = 0;
        long last = 0;
        foreach (var (seq, task) in rows)
        {
            if (tasks.Count == query.Limit || characters >= MostPageCharacters)
            {
                return new CursorPage(tasks, last.ToString(CultureInfo.InvariantCulture));
            }

            tasks.Add(task);
            characters += TaskPayload.CharactersOf(task);
            last = seq;
        }

        return new CursorPage(tasks, null);
    }

    public QueueTask? Find(string id, CancellationToken cancellation) =>
        ReadWith(session => Tasks.Find(session, id)?.Task, cancellation);

    public IReadOnlyDictionary<string, long> CountByStatus(CancellationToken cancellation) =>
        // Stored values that differ can read alike: NULL and an empty text, or bytes that are no text.
        ReadWith(
            session => session
                .Rows(Tasks.CountByStatusSql, row => (Status: TextOf(row, 0), Tasks: row.GetInt64(1)))
                .GroupBy(row => row.Status, StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Sum(row => row.Tasks), StringComparer.Ordinal),
            cancellation);

    public IReadOnlyList<TypeCount> CountByType(CancellationToken cancellation) =>
        ReadWith(
            session => session
                .Rows(Tasks.CountByTypeSql, row => (Type: TextOf(row, 0), Status: TextOf(row, 1), Tasks: row.GetInt64(2)))
                .GroupBy(row => (row.Type, row.Status))
                .Select(group => new TypeCount(group.Key.Type, group.Key.Status, group.Sum(row => row.Tasks)))
                .ToList(),
            cancellation);

    public void EnsureCanHold(NewTask task) => Tasks.EnsureCanHold(task);

    public void EnsureSupports(TaskChange change) => Tasks.EnsureSupports(change);

    public virtual void EnsureTakesImports()
    {
    }

    public IReadOnlyList<TaskOutcome> Enqueue(IReadOnlyList<NewTask> tasks, CancellationToken cancellation)
    {
        foreach (var task in tasks)
        {
            task.Validate();
            EnsureCanHold(task);
        }

        return
        [
            .. tasks.Zip(Add(tasks, cancellation), (task, added) => added is null
                ? new TaskOutcome(task.Id, TaskOutcomeKind.Duplicate, null)
                : new TaskOutcome(task.Id, TaskOutcomeKind.Applied, added)),
        ];
    }

    public IReadOnlyList<TaskOutcome> Change(IReadOnlyList<TaskChange> changes, NewOperation operation, CancellationToken cancellation)
    {
        foreach (var change in changes)
        {
            change.Validate();
            EnsureSupports(change);
        }

        return WriteWith<IReadOnlyList<TaskOutcome>>(
            session =>
            {
                session.Confirm();
                var log = new OperationLog(session, operation, Tables.History);
                if (changes.Count <= ChangedAtOnce)
                {
                    return [.. Change(session, changes, log, cancellation)];
                }

                // Changes are applied in the order of ids, which avoids deadlocks.
                var outcomes = new TaskOutcome[changes.Count];
                foreach (var chunk in changes.Index().OrderBy(change => change.Item.Id, StringComparer.Ordinal).Chunk(ChangedAtOnce))
                {
                    foreach (var (index, outcome) in chunk.Zip(
                        Change(session, [.. chunk.Select(change => change.Item)], log, cancellation),
                        (change, outcome) => (change.Index, outcome)))
                    {
                        outcomes[index] = outcome;
                    }
                }

                return outcomes;
            },
            cancellation);
    }

    public abstract IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation);

    public abstract IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation);

    public abstract IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation);

    public abstract DateTimeOffset? NextDue(CancellationToken cancellation);

    public abstract IDisposable Watch(Action changed);

    public abstract IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, NewOperation operation, CancellationToken cancellation);

    public virtual long ReplaceAll(ITaskStore source, ImportOptions options, NewOperation operation, CancellationToken cancellation) =>
        WriteWith(
            session =>
            {
                session.Announce();
                session.LiftTimeLimit();
                _ = new OperationLog(session, operation, Tables.History).Begin();
                Tasks.LockAll(session);
                Tables.Stops.AddForAllRunning(session);
                Tasks.DeleteAll(session);
                long count = 0;
                foreach (var batch in source.Read(new TaskQuery(), cancellation).InBatches())
                {
                    // Without a source: what was restored is this queue's own state, and a later copy must not take it for its own.
                    var tasks = batch.Select(task => new TaskToInsert(ImportPreparation.Prepare(task, options, session.Now))).ToList();
                    if (tasks
                        .Zip(Tasks.InsertAll(session, tasks, cancellation))
                        .FirstOrDefault(pair => pair.Second is null) is { First.Task: { } twice })
                    {
                        throw new TaskValidationException(
                            $"The id '{twice.Id}' stands twice among the tasks to put in.",
                            "Nothing was changed. Give each task an id of its own.") { Field = nameof(NewTask.Id) };
                    }

                    count += tasks.Count;
                }

                return count;
            },
            cancellation);

    public abstract BackupResult Backup(BackupRequest request, CancellationToken cancellation);

    public OptimizeResult Optimize(HistoryRetention retention, Action<double> progress, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var before = BytesOnDisk();
        var expired = History.Expire(retention, cancellation);
        var afterwards = new AfterCommit();
        // Expired rows are gone, which must be reported. As long as nothing has expired, a failure is the whole result.
        var isReclaimed = expired is { Events: 0, Operations: 0, RemovedTasks: 0 }
            ? Reclaim(progress, cancellation)
            : afterwards.Try("Unused space could not be given back", false, () => Reclaim(progress, cancellation));
        cancellation.ThrowIfCancellationRequested();
        return new OptimizeResult
        {
            Queue = Info.Queue,
            BytesBefore = before,
            BytesAfter = afterwards.Try("What the queue takes now could not be read", before, BytesOnDisk),
            Warnings = afterwards.Warnings,
            EventsExpired = expired.Events,
            RemovedExpired = expired.RemovedTasks,
            IsReclaimed = isReclaimed,
            Elapsed = clock.Elapsed,
        };
    }

    public abstract void Dispose();

    /// <summary>Adds valid tasks in one transaction; null for each whose id is taken.</summary>
    protected virtual IReadOnlyList<QueueTask?> Add(IReadOnlyList<NewTask> tasks, CancellationToken cancellation) => WriteWith(
        session =>
        {
            session.Announce();
            session.Confirm();
            return Tasks.InsertAll(
                session, [.. tasks.Select(task => new TaskToInsert(EnqueueTask.Apply(task, Info.Queue, session.Now)))], cancellation);
        },
        cancellation);

    /// <summary>What the queue takes on the disk, with all that belongs to it.</summary>
    protected abstract long BytesOnDisk();

    /// <summary>Gives unused space back, a step at a time; false where the layout does not allow it.</summary>
    protected abstract bool Reclaim(Action<double> progress, CancellationToken cancellation);

    /// <summary>Runs a short read; nothing stays open when it returns.</summary>
    public abstract T ReadWith<T>(Func<SqlSession, T> work, CancellationToken cancellation);

    /// <summary>Runs <paramref name="work"/> in one transaction and returns once it is committed.</summary>
    public abstract T WriteWith<T>(Func<SqlSession, T> work, CancellationToken cancellation);

    private IEnumerable<TaskRow> ReadRows(TaskQuery query, long? last, CancellationToken cancellation)
    {
        var now = Now;
        // Tasks that are added during this reading are left to the next one: otherwise a pipeline that adds tasks would feed itself for
        // ever.
        var end = ReadWith(session => session.Number(Tasks.LastSeqSql), cancellation);
        // A limit shortens the page only if the database knows all conditions: others may drop rows of the page.
        var pageRows = query is
        {
            Limit: { } limit, Matches: null, OlderThan: null, NewerThan: null, DueBefore: null, HasErrorMessage: false,
        } ? Math.Clamp(limit, 1, PageRows) : PageRows;
        var left = query.Limit ?? long.MaxValue;
        while (left > 0)
        {
            var place = last;
            var page = ReadWith(session => Tasks.ReadPage(session, query, place, pageRows, now), cancellation);
            foreach (var row in page.Rows)
            {
                if (row.Seq > end)
                {
                    if (query.NewestFirst)
                    {
                        continue;
                    }

                    yield break;
                }

                if (query.Includes(row.Task, now))
                {
                    yield return row;
                    if (--left == 0)
                    {
                        yield break;
                    }
                }
            }

            if (page.IsLast)
            {
                yield break;
            }

            last = page.Rows[^1].Seq;
        }
    }

    private static string TextOf(SqlRow row, int column) => row.IsDBNull(column) ? "" : row.GetString(column);

    /// <summary>The key of a row that stands for it in a cursor.</summary>
    private static long? KeyOf(string? cursor) => cursor is null
        ? null
        : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var key)
            ? key
            : throw new TaskValidationException(
                "The cursor is not valid.",
                "Give the one that came with the page before, or none for the first page.") { Field = "Cursor" };

    private IEnumerable<TaskOutcome> Change(
        SqlSession session, IReadOnlyList<TaskChange> changes, OperationLog log, CancellationToken cancellation)
    {
        var ids = changes.Select(change => change.Id).ToHashSet(StringComparer.Ordinal);
        var rows = Tasks.FindForChange(session, ids, changes.Any(change => change.NeedsPayload), cancellation);
        var writer = new TransitionWriter(session, Tables, log);
        return changes.Select(change =>
        {
            cancellation.ThrowIfCancellationRequested();
            var (outcome, left) = writer.Apply(change, rows.TryGetValue(change.Id, out var row) ? row : null);
            // The next change of the same task finds what this one leaves.
            if (left is { } present)
            {
                rows[change.Id] = present;
            }
            else
            {
                rows.Remove(change.Id);
            }

            return outcome;
        });
    }
}
