namespace TaskQueue.Storage;

/// <summary>Claims: what becomes ready, and what a claim takes. Each database has its own way to find the next tasks.</summary>
internal abstract partial class NativeTaskTable
{
    /// <summary>So many tasks whose time has come are made ready at once.</summary>
    protected const int PromotedAtOnce = 1000;

    /// <summary>When the next task that waits for its time comes due; null if none waits.</summary>
    public DateTimeOffset? NextDue(SqlSession session) =>
        session.Rows(
            $"SELECT MIN(due_at) FROM {Tasks}{dialect.IndexHint("task_due")} WHERE ready = 0", row => new NativeRow(row).Time(0))[0];

    /// <summary>The types of what is ready, one probe of the index for each, and of the next tasks to be made ready.</summary>
    public IReadOnlyList<string> ClaimableTypes(SqlSession session) => session.Rows(
        $"""
        WITH RECURSIVE next (type) AS (
            SELECT (SELECT MIN(type) FROM {Tasks}{dialect.IndexHint("task_ready")} WHERE ready = 1)
            UNION ALL
            SELECT (SELECT MIN(type) FROM {Tasks}{dialect.IndexHint("task_ready")} WHERE ready = 1 AND type > next.type) FROM next
                WHERE next.type IS NOT NULL)
        SELECT type FROM next WHERE type IS NOT NULL
        UNION
        SELECT type FROM (
            SELECT type FROM {Tasks}{dialect.IndexHint("task_due")} WHERE ready = 0 AND due_at <= $now
                ORDER BY due_at LIMIT {PromotedAtOnce}) AS due
        """,
        row => row.GetString(0),
        ("$now", session.Now.ToStored()));

    /// <summary>
    /// The running tasks that carry one of the tokens. Running tasks are few beside the others, so no index is kept for this.
    /// </summary>
    public List<QueueTask> Claimed(SqlSession session, IReadOnlyCollection<Guid> tokens)
    {
        var wanted = tokens.ToHashSet();
        return
        [
            .. session
                .Rows(
                    $"SELECT id, claim_token FROM {Tasks}{dialect.IndexHint("task_status")} WHERE status = 'running' "
                        + "AND claim_token IS NOT NULL",
                    row => (Id: row.GetString(0), Token: new NativeRow(row).Identifier(1)))
                .Where(running => running.Token is { } token && wanted.Contains(token))
                // The tasks are read one by one, without a transaction: one may belong to another worker by now.
                .Select(running => Find(session, running.Id)?.Task)
                .OfType<QueueTask>()
                .Where(task => task is { Status: QueueTaskStatus.Running, ClaimToken: { } token } && wanted.Contains(token)),
        ];
    }

    /// <summary>Gives tasks that may be claimed to a worker, the most urgent first: one for each token at most.</summary>
    protected List<QueueTask> ClaimFirst(SqlSession session, IEnumerable<TaskRow> ready, ClaimRequest request)
    {
        var now = session.Now;
        var claimed = new List<QueueTask>();
        var begun = 0;
        foreach (var (row, token) in ready.OrderBy(row => row.Task.Priority).ThenBy(row => row.Seq).Zip(request.Tokens))
        {
            if (new ClaimTask(row.Task.Id, token, request.Worker, request.LeaseTime, request.WorkerId, begun < request.BeginAtOnce).Apply(
                row.Task, now).After is { } running)
            {
                begun += running.BegunAt is null ? 0 : 1;
                claimed.Add(Update(session, row.Seq, row.Task, running, bumpsRevision: true));
            }
        }

        return claimed;
    }
}
