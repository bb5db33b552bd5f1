using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Storage;

/// <summary>How the next tasks are found and locked for a claim.</summary>
internal sealed partial class PostgresTaskTable
{
    // By the number of types. A process has a set or two of them.
    private readonly ConcurrentDictionary<int, string> _readyOfTypes = [];

    /// <summary>
    /// Claims due tasks. Rows that another session is just about to claim are passed over; <see cref="ClaimAttempt.IsWorthRepeating"/>
    /// tells whether there are any such, or more that come due.
    /// </summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="fromBeginning">Look at all that is ready; see <see cref="ReadyFloors"/>.</param>
    public ClaimAttempt Claim(PostgresSession session, ClaimRequest request, bool fromBeginning)
    {
        var started = Stopwatch.GetTimestamp();
        var wanted = request.Tokens.Count;
        var types = StoredTypes(request);
        var due = floors.Due(fromBeginning);
        List<ReadyKey> promoted = [];
        List<TaskRow> ready = [];
        long newest = 0;
        if (!isPlain)
        {
            PlanOnce(session);
        }

        PromoteDue(session, due.Place, promoted);
        session.ReadLater(LastSeqSql, row => newest = row.GetInt64(0));
        var looks = floors.Ready(types, fromBeginning || isPlain);
        ReadReady(session, types, looks, wanted, ready);
        session.Send();
        var cost = Stopwatch.GetElapsedTime(started);
        var first = promoted.Count > 0
            ? WithPromoted(session, ready, promoted.Where(key => types.Contains(key.Type, StringComparer.Ordinal)), wanted)
            : ready;
        var claimed = ClaimFirst(session, first, request);
        var now = session.Now.ToStored();
        return new ClaimAttempt
        {
            Claimed = claimed,
            IsWorthRepeating = claimed.Count == 0
                && (promoted.Count > 0 || (isPlain ? HasReadyPlainly(session, types) : HasReady(session, types, looks))),
            WasFromBeginning = due.IsFromBeginning && looks.TrueForAll(look => look.IsFromBeginning),
            Remember = () =>
            {
                due.End(promoted.Count == PromotedAtOnce ? due.Place : now, cost);
                Remember(looks, first, isAll: first.Count < wanted, newest, cost);
                foreach (var left in promoted.ExceptBy(first.Select(row => row.Seq), key => key.Seq))
                {
                    floors.Forget(left.Type, left.Priority);
                }
            },
        };
    }

    // Planned once for each connection: these statements have one good plan, whatever their values, and planning takes a third of the time
    // of a claim. They never sort: the indexes give ready tasks in order, and only as many as are asked for.
    private static void PlanOnce(PostgresSession session) => session.ReadLater(
        "SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_sort', 'off', true)", _ => { });

    /// <summary>
    /// Marks tasks whose time has come as ready, a bounded number at a time, and tells which. Nobody else can claim them until the
    /// transaction ends.
    /// </summary>
    private void PromoteDue(PostgresSession session, long after, List<ReadyKey> promoted) => session.ReadLater(
        isPlain ? PlainPromoteDueSql(session.NowSql) : PromoteDueSql(session.NowSql),
        row => promoted.Add(new ReadyKey(row.GetInt64(0), row.GetString(1), (int)row.GetInt64(2))),
        ("$after", after));

    private string PromoteDueSql(string now) =>
        $"""
        UPDATE {Tasks} SET ready = 1
        WHERE seq = ANY(ARRAY(
            SELECT seq FROM {Tasks} WHERE ready = 0 AND due_at > $after AND due_at <= {now} ORDER BY due_at LIMIT {PromotedAtOnce}
                FOR UPDATE SKIP LOCKED))
        RETURNING seq, type, priority
        """;

    /// <summary>
    /// Reads rows that may be claimed now, the most urgent first, which nobody else can claim until the transaction ends. No row is locked
    /// that is not read, and those that others have locked are passed over.
    /// </summary>
    private void ReadReady(PostgresSession session, string[] types, List<ReadyFloors.Look> looks, int limit, List<TaskRow> rows)
    {
        if (isPlain)
        {
            ReadReadyPlainly(session, types, limit, Read);
            return;
        }

        session.ReadLater(
            _readyOfTypes.GetOrAdd(types.Length, count => ReadySql(count, Whole.Sql)),
            Read,
            ("$types", types),
            ("$places", PlacesOf(looks)),
            ("$limit", limit));

        void Read(SqlRow row) => rows.Add(ReadRow(row, includesPayload: true, session.Now));
    }

    private string ReadySql(int types, string columns) => types == 1 ? ReadyOfTypeSql(columns) : ReadyOfTypesSql(types, columns);

    private string ReadyOfTypeSql(string columns) =>
        $"""
        SELECT t.* FROM {Urgencies}
        CROSS JOIN LATERAL (
            SELECT {columns} FROM {Tasks} WHERE {IsReadyBehind("1")} ORDER BY seq + 0 LIMIT $limit FOR UPDATE SKIP LOCKED
        ) AS t
        LIMIT $limit
        """;

    /// <summary>
    /// The keys of all types are merged, and row by row the next one is locked, until there are enough: the server reads no further key
    /// than that. A key that another session has claimed meanwhile gives no row.
    /// </summary>
    private string ReadyOfTypesSql(int count, string columns)
    {
        var keys = Enumerable.Range(1, count)
            .Select(type => $"(SELECT seq, seq + 0 AS place FROM {Tasks} WHERE {IsReadyBehind($"{type}")} ORDER BY seq + 0)");
        return
            $"""
            SELECT t.* FROM {Urgencies}
            CROSS JOIN LATERAL ({string.Join(" UNION ALL ", keys)} ORDER BY place) AS key
            CROSS JOIN LATERAL (
                SELECT {columns} FROM {Tasks} WHERE seq = key.seq AND ready = 1 AND type = ANY($types) FOR UPDATE SKIP LOCKED
            ) AS t
            LIMIT $limit
            """;
    }

    /// <summary>True if there are rows that <see cref="ReadReady"/> has passed over.</summary>
    private bool HasReady(SqlSession session, string[] types, List<ReadyFloors.Look> looks) => session.Number(
        $"""
        SELECT EXISTS (
            SELECT 1 FROM unnest($types) WITH ORDINALITY AS wanted (type, number) CROSS JOIN {Urgencies}
            CROSS JOIN LATERAL (SELECT 1 FROM {Tasks} WHERE {IsReadyBehind("wanted.number")} ORDER BY seq + 0 LIMIT 1) AS t)
        """,
        ("$types", types),
        ("$places", PlacesOf(looks))) == 1;

    private static string Urgencies =>
        $"generate_series({TaskRules.LowestPriorityNumber}, {TaskRules.HighestPriorityNumber}) AS urgency (priority)";

    // The sum is the one of the index task_ready.
    private static string IsReadyBehind(string type) =>
        $"""
        ready = 1 AND type = ($types)[{type}] AND priority = urgency.priority
        AND seq + 0 > ($places)[({type} - 1) * {ReadyFloors.Priorities} + urgency.priority - {TaskRules.LowestPriorityNumber - 1}]
        """;

    private static long[] PlacesOf(List<ReadyFloors.Look> looks) => [.. looks.Select(look => look.Place)];

    /// <summary>
    /// The first of what was found, and of what has just come due. That may lie before the places that were looked at; it is locked
    /// already, so that its keys are enough to read it.
    /// </summary>
    private List<TaskRow> WithPromoted(PostgresSession session, List<TaskRow> ready, IEnumerable<ReadyKey> promoted, int wanted)
    {
        var read = ready.Select(row => row.Seq).ToHashSet();
        var first = ready
            .Select(row => (row.Task.Priority, row.Seq))
            .Concat(promoted.Where(key => !read.Contains(key.Seq)).Select(key => (key.Priority, key.Seq)))
            .Order()
            .Take(wanted)
            .Select(key => key.Seq)
            .ToHashSet();
        var unread = first.Except(read).ToArray();
        return unread.Length == 0
            ? ready
            :
            [
                .. ready.Where(row => first.Contains(row.Seq)),
                .. session.Rows(
                    $"SELECT {Whole.Sql} FROM {Tasks} WHERE seq = ANY($keys)",
                    row => ReadRow(row, includesPayload: true, session.Now),
                    ("$keys", unread)),
            ];
    }

    /// <summary>
    /// Remembers up to where nothing is left. The priorities before the last task's were read to their end, up to the newest row of that
    /// moment. Its own priority was read up to that task, of all types alike. The priorities behind it were not reached.
    /// </summary>
    private static void Remember(List<ReadyFloors.Look> looks, List<TaskRow> claimed, bool isAll, long newest, TimeSpan cost)
    {
        var (lastPriority, lastSeq) = isAll ? (int.MaxValue, 0) : claimed.Max(row => (row.Task.Priority, row.Seq));
        foreach (var look in looks.Where(look => look.Priority <= lastPriority))
        {
            look.End(Math.Max(look.Place, look.Priority < lastPriority ? newest : lastSeq), cost);
        }
    }

    /// <summary>Where a task that is ready stands in the order.</summary>
    private readonly record struct ReadyKey(long Seq, string Type, int Priority);
}
