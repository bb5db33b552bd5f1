using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>How tasks are added: a few by one statement that is sent together with the commit, many by COPY.</summary>
internal sealed partial class PostgresTaskTable
{
    // A revision begins with a random number, and grows by 1 with each change.
    private const long MostChangesMeanwhile = 1_000_000;

    private readonly RowStatement _adding = RowStatement.Insert($"{dialect.Schema}.task", WrittenColumns);

    private readonly RowStatement _addingAtOnce = RowStatement.Insert(
        $"{dialect.Schema}.task",
        WrittenColumns,
        (
            "WITH added AS (",
            $"""
            ON CONFLICT (id) DO NOTHING RETURNING id, type, status),
            counted AS (
                INSERT INTO {dialect.Schema}.task_count (type, status, tasks)
                SELECT type, status, count(*) FROM added GROUP BY type, status)
            SELECT id FROM added
            """));

    private readonly string _copied = $"{dialect.Schema}.task ({TaskColumns.Names})";

    /// <summary>Adds tasks, and leaves nothing to be sent but the commit.</summary>
    /// <returns>
    /// To be called once the transaction is committed: the tasks, with null for each whose id was taken. Null if no answer came to the
    /// commit, which does not tell; see <see cref="OnlyAdded"/>.
    /// </returns>
    public Func<IReadOnlyList<QueueTask?>?> AddAtOnce(
        PostgresSession session, IReadOnlyList<(QueueTask Task, (string Name, object? Value)[] Values)> tasks)
    {
        var added = new QueueTask?[tasks.Count];
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < tasks.Count; index++)
        {
            var (task, values) = tasks[index];
            // Of two with the same id the first is added.
            if (places.TryAdd(StorableText.Of(task.Id), index))
            {
                session.WriteRow(_addingAtOnce, values, row => Take(places[row.GetString(0)]));
            }
        }

        return () => session.WasAnswered ? added : null;

        void Take(int place) => added[place] = tasks[place].Task;
    }

    /// <summary>Which of the tasks stand in the queue as they were added, or changed since: null for each other one.</summary>
    public IReadOnlyList<QueueTask?> OnlyAdded(SqlSession session, IReadOnlyList<QueueTask> tasks)
    {
        var revisions = session
            .Rows(
                $"SELECT id, revision FROM {Tasks} WHERE id = ANY($ids)",
                row => (Id: row.GetString(0), Revision: row.GetInt64(1)),
                ("$ids", tasks.Select(task => StorableText.Of(task.Id)).ToArray()))
            .ToDictionary(row => row.Id, row => row.Revision, StringComparer.Ordinal);
        return
        [
            .. tasks.Select(task => revisions.TryGetValue(StorableText.Of(task.Id), out var revision)
                && revision - long.Parse(task.Revision, CultureInfo.InvariantCulture) is >= 0 and < MostChangesMeanwhile
                    ? task
                    : null),
        ];
    }

    public override IReadOnlyList<QueueTask?> InsertAll(
        SqlSession session, IReadOnlyList<TaskToInsert> tasks, CancellationToken cancellation)
    {
        if (tasks.Count <= 1 || session is not PostgresSession postgres)
        {
            return base.InsertAll(session, tasks, cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
        var isCopyRefused = false;
        // The server refuses COPY into a table with row-level security.
        postgres.ReadLater(
            $"SELECT relrowsecurity::integer FROM pg_class WHERE oid = '{Tasks}'::regclass", row => isCopyRefused = row.GetInt64(0) == 1);
        // COPY has no ON CONFLICT. What another session adds meanwhile makes it fail, and the transaction is repeated.
        var taken = session
            .Rows(
                $"SELECT id FROM {Tasks} WHERE id = ANY($ids)", row => row.GetString(0),
                ("$ids", tasks.Select(task => task.Task.Id).ToArray()))
            .ToHashSet(StringComparer.Ordinal);
        var inserted = new QueueTask?[tasks.Count];
        if (isCopyRefused)
        {
            foreach (var values in Fresh())
            {
                session.WriteRow(_adding, values);
            }
        }
        else
        {
            postgres.Copy(_copied, Fresh().Select(values => values.Select(value => value.Value)));
        }

        return inserted;

        IEnumerable<(string Name, object? Value)[]> Fresh()
        {
            for (var index = 0; index < inserted.Length; index++)
            {
                var (task, source) = tasks[index];
                if (!taken.Add(task.Id))
                {
                    continue;
                }

                EnsureIndexable(task.Id, task.Type);
                var (prepared, values) = Prepare(task, source, session.Now);
                inserted[index] = prepared;
                session.Counts.Added(prepared);
                yield return values;
            }
        }
    }
}
