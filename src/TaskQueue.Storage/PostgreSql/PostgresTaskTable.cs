using System.Text;

namespace TaskQueue.Storage;

/// <summary>The table of tasks in PostgreSQL: how the next ones are found, and many are added or read at once.</summary>
/// <param name="queue">The queue as its tasks name it.</param>
/// <param name="dialect">The database's SQL.</param>
/// <param name="layout">See <see cref="NativeTaskTable"/>.</param>
/// <param name="isPlain">
/// See <see cref="PostgresAbilities.IsPlain"/>: rows are locked by plain statements only, and tables not at all.
/// </param>
/// <param name="floors">How far this process has looked for ready tasks.</param>
internal sealed partial class PostgresTaskTable(string queue, PostgresDialect dialect, int layout, bool isPlain, ReadyFloors floors)
    : NativeTaskTable(queue, dialect, layout)
{
    // An entry of an index takes 2,704 bytes, with the other columns and the entry's own head.
    private const int LongestIndexed = 2600;

    // With and without what tasks carry.
    private readonly string?[] _findingMany = new string?[2];

    public override void EnsureCanHold(NewTask task) => EnsureIndexable(task.Id, task.Type);

    public override Dictionary<string, TaskRow> FindForChange(
        SqlSession session, IReadOnlyCollection<string> ids, bool includePayload, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var ordered = ids.Order(StringComparer.Ordinal).Select(StorableText.Of).ToArray();
        if (isPlain)
        {
            return FindForChangePlainly(session, ordered, includePayload);
        }

        // Rows are locked in id order, which avoids deadlocks. They are looked up one by one: if all were looked up together, a server that
        // believes the table to be small would read all of it.
        var statement = _findingMany[includePayload ? 1 : 0] ??=
            $"""
            SELECT t.* FROM unnest($ids) AS wanted (id)
            CROSS JOIN LATERAL ({FindingById("wanted.id", includePayload, forChange: true)}) AS t
            """;
        return session
            .Rows(statement, row => ReadRow(row, includePayload, session.Now), ("$ids", ordered))
            .ToDictionary(row => row.Task.Id, StringComparer.Ordinal);
    }

    public override QueueTask? Insert(SqlSession session, QueueTask task, string? source)
    {
        EnsureIndexable(task.Id, task.Type);
        return base.Insert(session, task, source);
    }

    public override QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision)
    {
        if (after.Gate is TaskGate.Open)
        {
            floors.Forget(after.Type, after.Priority);
        }

        if (after.Type != before.Type)
        {
            EnsureIndexable(after.Id, after.Type);
        }

        return base.Update(session, seq, before, after, bumpsRevision);
    }

    protected override void UpdateHeld(
        SqlSession session, RowStatement statement, IReadOnlyList<HeldUpdate.Row> rows, List<HeldUpdate.Row> changed)
    {
        var byId = rows.ToDictionary(row => row.After.Id, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            ((PostgresSession)session).WriteRow(statement, row.Values, returned => changed.Add(byId[returned.GetString(0)]));
        }
    }

    public override QueueTask Replace(SqlSession session, TaskRow here, QueueTask task, string? source)
    {
        EnsureIndexable(task.Id, task.Type);
        floors.Forget(task.Type, task.Priority);
        return base.Replace(session, here, task, source);
    }

    // Readers go on; writers and claims wait. Without this lock, what others add meanwhile would stay in the queue.
    public override void LockAll(SqlSession session)
    {
        if (!isPlain)
        {
            // The numbers too: they are also written by whoever adds them up.
            session.Write($"LOCK TABLE {Tasks}, {Counts} IN EXCLUSIVE MODE");
        }
    }

    public override void Prune(SqlSession session, DateTimeOffset before) =>
        session.Write($"DELETE FROM {dialect.Schema}.receipt WHERE at < $before", ("$before", before.ToStored()));

    private static void EnsureIndexable(string id, string type)
    {
        foreach (var (field, name) in new[] { ("Id", id), ("Type", type) })
        {
            var bytes = Encoding.UTF8.GetByteCount(name);
            if (bytes > LongestIndexed)
            {
                throw new TaskValidationException(
                    $"{field} has {bytes:N0} bytes in UTF-8; the limit on a PostgreSQL server is {LongestIndexed:N0}.",
                    $"Use a shorter {field}.") { Field = field };
            }
        }
    }
}
