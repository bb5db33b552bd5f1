using System.Diagnostics;
using System.Text;
using TaskQueue.Storage.Own;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>The table of tasks in PostgreSQL: how the next ones are found, and many are added or read at once.</summary>
internal sealed class PostgresTaskTable(string queue, PostgresDialect dialect, bool knowsRecoveries) : OwnTaskTable(queue, dialect, knowsRecoveries)
{
    // An entry of an index takes 2,704 bytes, with the other columns and the entry's own head.
    private const int LongestIndexed = 2600;

    private readonly ReadyFloors _floors = new();

    public override void EnsureCanHold(NewTask task) => EnsureIndexable(task.Id, task.Type);

    /// <summary>
    /// Claims due tasks. Rows that another session is just about to claim are passed over; <see cref="ClaimAttempt.IsWorthRepeating"/> tells
    /// whether there are any such, or more that come due.
    /// </summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="fromBeginning">Look at all that is ready; see <see cref="ReadyFloors"/>.</param>
    public ClaimAttempt Claim(PostgresSession session, ClaimRequest request, bool fromBeginning)
    {
        var started = Stopwatch.GetTimestamp();
        var wanted = request.Tokens.Count;
        var due = _floors.Due(fromBeginning);
        long promoted = 0, newest = 0;
        // Planned once a connection: these statements have one good plan, whatever their values, and planning them takes a third of the time of a claim.
        session.ReadLater("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)", _ => { });
        PromoteDue(session, due.Places[0], count => promoted = count);
        session.ReadLater(LastSeqSql, row => newest = row.GetInt64(0));
        var looks = LookForReady(fromBeginning);
        if (promoted > 0 && !looks.TrueForAll(look => look.Look.IsFromBeginning))
        {
            // What has just been made ready may lie before the places that were looked at.
            looks = LookForReady(fromBeginning: true);
        }

        var cost = Stopwatch.GetElapsedTime(started);
        var claimed = ClaimFirst(session, looks.SelectMany(look => look.Rows), request);
        var ids = claimed.Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        var now = session.Now.ToStored();
        var mayHaveMoreDue = promoted == PromotedAtOnce;
        return new ClaimAttempt
        {
            Claimed = claimed,
            IsWorthRepeating = claimed.Count == 0 && (promoted > 0 || looks.Exists(look => HasReady(session, look.Type, look.Look.Places))),
            WasFromBeginning = due.IsFromBeginning && looks.TrueForAll(look => look.Look.IsFromBeginning),
            Remember = () =>
            {
                due.End([mayHaveMoreDue ? due.Places[0] : now], cost);
                looks.ForEach(look => look.Look.End(Reached(look.Look.Places, look.Rows.Where(row => ids.Contains(row.Task.Id)), look.Rows.Count < wanted ? newest : 0), cost));
                if (promoted > 0)
                {
                    _floors.Forget();
                }
            },
        };

        List<(string Type, ReadyFloors.Look Look, List<TaskRow> Rows)> LookForReady(bool fromBeginning)
        {
            List<(string Type, ReadyFloors.Look Look, List<TaskRow> Rows)> looks = [];
            foreach (var type in request.Types.Distinct(StringComparer.Ordinal))
            {
                var look = _floors.Ready(type, fromBeginning);
                var rows = new List<TaskRow>();
                ReadReady(session, type, look.Places, wanted, rows);
                looks.Add((type, look, rows));
            }

            session.Send();
            return looks;
        }
    }

    public override Dictionary<string, TaskRow> FindForChange(
        SqlSession session, IReadOnlyCollection<string> ids, bool includePayload, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // In one order for all: two sessions that change the same tasks wait for each other, but never both. One by one: taken together, a
        // server that believes the table to be small would read all of it.
        return session
            .Rows(
                $"""
                SELECT t.* FROM unnest($ids) AS wanted (id)
                CROSS JOIN LATERAL ({FindSql(includePayload, forChange: true).Replace("$id", "wanted.id", StringComparison.Ordinal)}) AS t
                """,
                row => ReadRow(row, session.Now),
                ("$ids", ids.Order(StringComparer.Ordinal).Select(PostgresText.Storable).ToArray()))
            .ToDictionary(row => row.Task.Id, StringComparer.Ordinal);
    }

    public override QueueTask? Insert(SqlSession session, QueueTask task, string? source)
    {
        EnsureIndexable(task.Id, task.Type);
        return base.Insert(session, task, source);
    }

    public override QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision)
    {
        if (after.Status.IsWaiting())
        {
            _floors.Forget();
        }

        if (after.Type != before.Type)
        {
            EnsureIndexable(after.Id, after.Type);
        }

        return base.Update(session, seq, before, after, bumpsRevision);
    }

    public override QueueTask Replace(SqlSession session, long seq, QueueTask task, string? source)
    {
        EnsureIndexable(task.Id, task.Type);
        _floors.Forget();
        return base.Replace(session, seq, task, source);
    }

    // Readers go on; whoever writes tasks, or claims them, waits.
    public override void LockAll(SqlSession session) => session.Write($"LOCK TABLE {Tasks} IN EXCLUSIVE MODE");

    public override void PutBack(SqlSession session, LogSchema log, long operation, string id)
    {
        _floors.Forget();
        base.PutBack(session, log, operation, id);
    }

    public override void Prune(SqlSession session, DateTimeOffset before) =>
        session.Write($"DELETE FROM {dialect.Schema}.receipt WHERE at < $before", ("$before", before.ToStored()));

    public override IReadOnlyList<QueueTask?> InsertAll(SqlSession session, IReadOnlyList<TaskToInsert> tasks, CancellationToken cancellation)
    {
        if (tasks.Count <= 1 || session is not PostgresSession postgres)
        {
            return base.InsertAll(session, tasks, cancellation);
        }

        cancellation.ThrowIfCancellationRequested();
        // COPY takes no word on what is there already. What another session adds meanwhile makes it fail, and the transaction is repeated.
        var taken = session
            .Rows($"SELECT id FROM {Tasks} WHERE id = ANY($ids)", row => row.GetString(0), ("$ids", tasks.Select(task => task.Task.Id).ToArray()))
            .ToHashSet(StringComparer.Ordinal);
        var inserted = new QueueTask?[tasks.Count];
        postgres.Copy($"{Tasks} ({StoredColumns})", Fresh());
        return inserted;

        IEnumerable<IEnumerable<object?>> Fresh()
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
                yield return values.Select(value => value.Value);
            }
        }
    }

    /// <summary>Marks tasks whose time has come as ready, a bounded number at a time, and tells how many.</summary>
    private void PromoteDue(PostgresSession session, long after, Action<long> promoted) => session.ReadLater(
        $"""
        WITH promoted AS (
            UPDATE {Tasks} SET ready = 1
            WHERE seq = ANY(ARRAY(
                SELECT seq FROM {Tasks} WHERE ready = 0 AND due_at > $after AND due_at <= {session.NowSql} ORDER BY due_at LIMIT {PromotedAtOnce} FOR UPDATE SKIP LOCKED))
            RETURNING 1)
        SELECT count(*) FROM promoted
        """,
        row => promoted(row.GetInt64(0)),
        ("$after", after));

    /// <summary>Rows of the given type that may be claimed now, the most urgent first, which nobody else can claim until the transaction ends.</summary>
    private void ReadReady(PostgresSession session, string type, long[] places, int limit, List<TaskRow> rows) => session.ReadLater(
        $"""
        SELECT t.* FROM unnest($places) WITH ORDINALITY AS place (seq, number)
        CROSS JOIN LATERAL (
            SELECT {HeadColumns}, data, result FROM {Tasks} WHERE {IsReadyBehind} ORDER BY seq + 0 LIMIT $limit FOR UPDATE SKIP LOCKED
        ) AS t
        LIMIT $limit
        """,
        row => rows.Add(ReadRow(row, session.Now)),
        ("$places", places),
        ("$type", type),
        ("$limit", limit));

    /// <summary>True if there are rows that <see cref="ReadReady"/> has passed over.</summary>
    private bool HasReady(SqlSession session, string type, long[] places) => session.Number(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM unnest($places) WITH ORDINALITY AS place (seq, number)
            CROSS JOIN LATERAL (SELECT 1 FROM {Tasks} WHERE {IsReadyBehind} ORDER BY seq + 0 LIMIT 1) AS t)
        """,
        ("$places", places),
        ("$type", type)) == 1;

    // The sum is that of the index task_ready.
    private static string IsReadyBehind =>
        $"ready = 1 AND type = $type AND priority = place.number + {TaskRules.LowestPriorityNumber - 1} AND seq + 0 > place.seq";

    /// <summary>How far nothing is left: up to the last one claimed of each priority, or where the look came to the end, up to what was the newest then.</summary>
    private static long[] Reached(long[] places, IEnumerable<TaskRow> claimed, long end)
    {
        long[] reached = [.. places.Select(place => Math.Max(place, end))];
        foreach (var (seq, task) in claimed)
        {
            var index = task.Priority - TaskRules.LowestPriorityNumber;
            reached[index] = Math.Max(reached[index], seq);
        }

        return reached;
    }

    private static void EnsureIndexable(string id, string type)
    {
        foreach (var (field, name) in new[] { ("Id", id), ("Type", type) })
        {
            var bytes = Encoding.UTF8.GetByteCount(name);
            if (bytes > LongestIndexed)
            {
                throw new TaskValidationException(
                    $"{field} has {bytes:N0} bytes in UTF-8; the limit on a PostgreSQL server is {LongestIndexed:N0}.", $"Use a shorter {field}.");
            }
        }
    }
}
