namespace TaskQueue.Storage.Sqlite;

/// <summary>The table of stopped claims: what workers are to be told, and what they answered.</summary>
internal static class SqliteStopTable
{
    // The order of Read.
    private const string Columns = "token, task_id, worker_id, requested_at, delivered_at, confirmed_at, outcome";

    private const string OpenOfWorker = "stop INDEXED BY stop_open WHERE worker_id = $worker_id AND confirmed_at IS NULL";

    /// <summary>Leaves word for the worker of a task whose claim was ended; false if the task has none.</summary>
    public static bool Add(SqlSession session, QueueTask before, DateTimeOffset at)
    {
        if (before is not { ClaimToken: { } token, WorkerId: { } worker })
        {
            return false;
        }

        session.Execute(
            """
            INSERT INTO stop (token, task_id, worker_id, requested_at)
            VALUES ($token, $task_id, $worker_id, $at)
            ON CONFLICT DO NOTHING
            """,
            ("$token", token.ToStored()),
            ("$task_id", before.Id),
            ("$worker_id", worker.ToStored()),
            ("$at", at.ToStored()));
        return true;
    }

    /// <summary>The same for every running task.</summary>
    public static void AddForAllRunning(SqlSession session, DateTimeOffset at) => session.Execute(
        """
        INSERT INTO stop (token, task_id, worker_id, requested_at)
        SELECT claim_token, id, worker_id, $at FROM task INDEXED BY task_status
        WHERE status = 'running' AND length(claim_token) = 16 AND length(worker_id) = 16
        ON CONFLICT DO NOTHING
        """,
        ("$at", at.ToStored()));

    /// <summary>True if the worker has not been told of all its stops; a plain read.</summary>
    public static bool HasUndelivered(SqlSession session, Guid worker) => session.Number(
        $"SELECT EXISTS (SELECT 1 FROM {OpenOfWorker} AND delivered_at IS NULL)", ("$worker_id", worker.ToStored())) == 1;

    /// <summary>True if the worker has not answered all its stops; a plain read.</summary>
    public static bool HasOpen(SqlSession session, Guid worker) => session.Number(
        $"SELECT EXISTS (SELECT 1 FROM {OpenOfWorker})", ("$worker_id", worker.ToStored())) == 1;

    /// <summary>Marks the worker's stops as delivered and returns those it has not answered, the oldest first.</summary>
    public static IReadOnlyList<TaskStop> Deliver(SqlSession session, Guid worker, DateTimeOffset at)
    {
        session.Execute(
            "UPDATE stop INDEXED BY stop_open SET delivered_at = $at WHERE worker_id = $worker_id AND confirmed_at IS NULL AND delivered_at IS NULL",
            ("$at", at.ToStored()),
            ("$worker_id", worker.ToStored()));
        return session.Rows($"SELECT {Columns} FROM {OpenOfWorker} ORDER BY requested_at", Read, ("$worker_id", worker.ToStored()));
    }

    /// <summary>
    /// Records how a stop ended; false if just that is recorded already, by a call whose answer was lost. What the worker found out
    /// without being told, as from a refused heartbeat, counts as delivered.
    /// </summary>
    public static bool Confirm(SqlSession session, StopReceipt receipt, DateTimeOffset at)
    {
        (string, object?)[] key = [("$token", receipt.Token.ToStored()), ("$task_id", receipt.TaskId)];
        var outcome = receipt.Outcome.ToString();
        if (session.Text("SELECT outcome FROM stop WHERE token = $token AND task_id = $task_id", key) == outcome)
        {
            return false;
        }

        session.Execute(
            """
            UPDATE stop SET outcome = $outcome, confirmed_at = $at, delivered_at = COALESCE(delivered_at, $at)
            WHERE token = $token AND task_id = $task_id
            """,
            [("$outcome", outcome), ("$at", at.ToStored()), .. key]);
        return true;
    }

    /// <summary>The stops of the claims with these tokens.</summary>
    public static IReadOnlyList<TaskStop> Find(SqlSession session, IEnumerable<Guid> tokens) =>
    [
        .. tokens.Distinct().SelectMany(token => session.Rows($"SELECT {Columns} FROM stop WHERE token = $token", Read, ("$token", token.ToStored()))),
    ];

    /// <summary>Notes that the worker met the end of the claim by itself, when its result or release was refused: it holds the task no more.</summary>
    public static void NoteRefusal(SqlSession session, string taskId, Guid token, DateTimeOffset at) => session.Execute(
        "UPDATE stop SET refused_at = $at WHERE token = $token AND task_id = $task_id AND refused_at IS NULL",
        ("$at", at.ToStored()),
        ("$token", token.ToStored()),
        ("$task_id", taskId));

    /// <summary>The worker that does not know yet that this claim was ended, and could still go on as if it had not been; null if it knows, or there is none.</summary>
    public static Guid? UnawareWorker(SqlSession session, string taskId, Guid token) => session.Rows(
        "SELECT worker_id FROM stop WHERE token = $token AND task_id = $task_id AND delivered_at IS NULL AND refused_at IS NULL",
        row => new SqliteRow(row).Identifier(0),
        ("$token", token.ToStored()),
        ("$task_id", taskId)).SingleOrDefault();

    /// <summary>All workers that have not been told of a stop.</summary>
    public static List<Guid> UntoldWorkers(SqlSession session) => session
        .Rows("SELECT DISTINCT worker_id FROM stop INDEXED BY stop_open WHERE confirmed_at IS NULL AND delivered_at IS NULL", row => new SqliteRow(row).Identifier(0))
        .OfType<Guid>()
        .ToList();

    /// <summary>Withdraws a stop that was not delivered: in the transaction that makes its claim hold again.</summary>
    public static void Withdraw(SqlSession session, string taskId, Guid token) => session.Execute(
        "DELETE FROM stop WHERE token = $token AND task_id = $task_id AND delivered_at IS NULL",
        ("$token", token.ToStored()),
        ("$task_id", taskId));

    /// <summary>Deletes old receipts. What a worker that is still known has not been told of stays: it may only be suspended.</summary>
    public static void Prune(SqlSession session, DateTimeOffset before) => session.Execute(
        "DELETE FROM stop WHERE requested_at < $before AND (delivered_at IS NOT NULL OR worker_id NOT IN (SELECT id FROM worker))",
        ("$before", before.ToStored()));

    private static TaskStop Read(System.Data.Common.DbDataReader row)
    {
        var read = new SqliteRow(row);
        return new TaskStop
        {
            Token = read.Identifier(0)!.Value,
            TaskId = read.Text(1),
            Worker = read.Identifier(2)!.Value,
            RequestedAt = read.Time(3) ?? DateTimeOffset.UnixEpoch,
            DeliveredAt = read.Time(4),
            ConfirmedAt = read.Time(5),
            Outcome = Enum.TryParse<StopOutcome>(read.OptionalText(6), out var outcome) ? outcome : null,
        };
    }
}
