using System.Diagnostics;
using System.Text;
using TaskQueue.Storage.Own;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>The table of tasks in PostgreSQL: how the next ones are found, and many are added or read at once.</summary>
internal sealed class PostgresTaskTable(string queue, PostgresDialect dialect) : OwnTaskTable(queue, dialect)
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
    public ClaimAttempt Claim(SqlSession session, ClaimRequest request, bool fromBeginning)
    {
        var mayHaveMoreDue = PromoteDue(session);
        var started = Stopwatch.GetTimestamp();
        var types = request.Types.Distinct(StringComparer.Ordinal).Select(type => (Name: type, Places: _floors.Of(type, fromBeginning))).ToList();
        var ready = types.SelectMany(type => ReadyOf(session, type.Name, type.Places, request.Tokens.Count)).ToList();
        var cost = Stopwatch.GetElapsedTime(started);
        var claimed = ClaimFirst(session, ready, request);
        var taken = ready.Where(row => claimed.Exists(task => task.Id == row.Task.Id)).ToLookup(row => row.Task.Type, StringComparer.Ordinal);
        return new ClaimAttempt
        {
            Claimed = claimed,
            IsWorthRepeating = claimed.Count == 0 && (mayHaveMoreDue || types.Exists(type => HasReady(session, type.Name, type.Places))),
            WasFromBeginning = types.TrueForAll(type => Array.TrueForAll(type.Places, place => place == 0)),
            Remember = () => types.ForEach(type => _floors.Saw(type.Name, type.Places, taken[type.Name], cost)),
        };
    }

    public override Dictionary<string, TaskRow> FindForChange(
        SqlSession session, IReadOnlyCollection<string> ids, bool includePayload, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        // In one order for all: two sessions that change the same tasks wait for each other, but never both.
        return session
            .Rows(
                $"SELECT {HeadColumns}, {Payload(includePayload)} FROM {Tasks} WHERE id = ANY($ids) ORDER BY seq FOR UPDATE",
                row => ReadRow(row, session.Now),
                ("$ids", ids.ToArray()))
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

        return base.Update(session, seq, before, after, bumpsRevision);
    }

    public override void PutBack(SqlSession session, LogSchema log, long operation, string id)
    {
        _floors.Forget();
        base.PutBack(session, log, operation, id);
    }

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

    /// <summary>Marks tasks whose time has come as ready, a bounded number at a time; true if there may be more.</summary>
    private bool PromoteDue(SqlSession session)
    {
        var promoted = session.Execute(
            $"""
            UPDATE {Tasks} SET ready = 1
            WHERE seq = ANY(ARRAY(SELECT seq FROM {Tasks} WHERE ready = 0 AND due_at <= $now ORDER BY due_at LIMIT $limit FOR UPDATE SKIP LOCKED))
            """,
            ("$now", session.Now.ToStored()),
            ("$limit", PromotedAtOnce));
        if (promoted > 0)
        {
            _floors.Forget();
        }

        return promoted == PromotedAtOnce;
    }

    /// <summary>Rows of the given type that may be claimed now, the most urgent first, which nobody else can claim until the transaction ends.</summary>
    private List<TaskRow> ReadyOf(SqlSession session, string type, long[] places, int limit) => session.Rows(
        $"""
        SELECT t.* FROM unnest($places) WITH ORDINALITY AS place (seq, number)
        CROSS JOIN LATERAL (
            SELECT {HeadColumns}, data, result FROM {Tasks}
            WHERE ready = 1 AND type = $type AND priority = place.number + {TaskRules.LowestPriorityNumber - 1} AND seq > place.seq
            ORDER BY seq LIMIT $limit FOR UPDATE SKIP LOCKED
        ) AS t
        LIMIT $limit
        """,
        row => ReadRow(row, session.Now),
        ("$places", places),
        ("$type", type),
        ("$limit", limit));

    /// <summary>True if there are rows that <see cref="ReadyOf"/> has passed over.</summary>
    private bool HasReady(SqlSession session, string type, long[] places) => session.Number(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM unnest($places) WITH ORDINALITY AS place (seq, number)
            CROSS JOIN LATERAL (
                SELECT 1 FROM {Tasks}
                WHERE ready = 1 AND type = $type AND priority = place.number + {TaskRules.LowestPriorityNumber - 1} AND seq > place.seq
                ORDER BY seq LIMIT 1
            ) AS t)
        """,
        ("$places", places),
        ("$type", type)) == 1;

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
