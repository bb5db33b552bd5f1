using System.Collections.Concurrent;

namespace TaskQueue.Storage;

/// <summary>
/// A claim by one statement, which says in SQL what <see cref="ClaimTask"/> decides. A test holds the statement to the life cycle, task by
/// task.
/// </summary>
internal sealed partial class PostgresTaskTable
{
    // By the number of types, and by the SQL of the time.
    private readonly ConcurrentDictionary<(int Types, string Now), string> _claimingOfTypes = [];

    /// <summary>
    /// Claims ready tasks, and leaves nothing to be sent but the commit. It claims nothing where the life cycle has more to decide: where a
    /// task has come due, or one was taken back from workers more than once.
    /// </summary>
    /// <returns>
    /// To be called once the transaction is committed: the tasks, the most urgent first. Null if no answer came to the commit: then only
    /// the tokens tell what it has claimed.
    /// </returns>
    public Func<IReadOnlyList<QueueTask>?> ClaimAtOnce(PostgresSession session, ClaimRequest request)
    {
        var wanted = request.Tokens.Count;
        var types = StoredTypes(request);
        var due = floors.Due(fromBeginning: false);
        var looks = floors.Ready(types, fromBeginning: false);
        List<TaskRow> claimed = [];
        var newest = 0L;
        var cost = TimeSpan.Zero;
        PlanOnce(session);
        session.ReadLater(LastSeqSql, row => newest = row.GetInt64(0));
        session.ReadLater(
            _claimingOfTypes.GetOrAdd((types.Length, session.NowSql), ClaimingSql),
            row => claimed.Add(ReadRow(row, includesPayload: true, session.Now)),
            ("$types", types),
            ("$places", PlacesOf(looks)),
            ("$limit", wanted),
            ("$after", due.Place),
            ("$tokens", request.Tokens.Select(token => token.ToString()).ToArray()),
            ("$begins", request.BeginAtOnce),
            ("$worker", request.Worker),
            ("$worker_id", request.WorkerId),
            ("$lease", (long)request.LeaseTime.TotalMilliseconds));
        // By the server's clock, without the commit, which waits for a disk.
        session.ReadLater(
            "SELECT (extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000000)::bigint",
            row => cost = TimeSpan.FromMicroseconds(row.GetInt64(0)));
        return () =>
        {
            if (!session.WasAnswered)
            {
                return null;
            }

            if (claimed.Count > 0)
            {
                due.End(session.Now.ToStored(), cost);
                Remember(looks, claimed, isAll: claimed.Count < wanted, newest, cost);
            }

            return [.. claimed.OrderBy(row => row.Task.Priority).ThenBy(row => row.Seq).Select(row => row.Task)];
        };
    }

    private static string[] StoredTypes(ClaimRequest request) =>
        [.. request.Types.Select(StorableText.Of).Distinct(StringComparer.Ordinal)];

    // A history with one recovery makes no task a suspect.
    private string ClaimingSql((int Types, string Now) key) =>
        $"""
        WITH clock AS (SELECT {key.Now} AS now),
        picked AS MATERIALIZED (
            SELECT t.* FROM ({ReadySql(key.Types, "seq, priority, recovered_at, status")}) AS t
            WHERE NOT EXISTS (SELECT 1 FROM {Tasks} WHERE ready = 0 AND due_at > $after AND due_at <= (SELECT now FROM clock))
        ),
        numbered AS (SELECT seq AS key, status AS former, row_number() OVER (ORDER BY priority, seq) AS place FROM picked),
        claimed AS (
            UPDATE {Tasks} AS present SET
                status = 'running',
                ready = NULL,
                due_at = LEAST(due_at, now),
                attempt = attempt + 1,
                started_at = now,
                begun_at = CASE WHEN place <= CAST($begins AS bigint) THEN now END,
                heartbeat_at = now,
                lease_expires_at = now + CAST($lease AS bigint),
                state_since = now,
                worker = $worker,
                worker_id = CAST($worker_id AS uuid),
                claim_token = CAST(($tokens)[place] AS uuid),
                progress = NULL,
                progress_message = NULL,
                progress_at = now,
                revision = revision + 1
            FROM numbered CROSS JOIN clock
            WHERE present.seq = numbered.key AND NOT EXISTS (SELECT 1 FROM picked WHERE recovered_at LIKE '%,%')
            RETURNING {Whole.Sql}, former),
        counted AS (
            INSERT INTO {Counts} (type, status, tasks)
            SELECT type, former, -count(*) FROM claimed GROUP BY type, former
            UNION ALL SELECT type, status, count(*) FROM claimed GROUP BY type, status)
        SELECT * FROM claimed
        """;
}
