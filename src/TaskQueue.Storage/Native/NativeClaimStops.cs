namespace TaskQueue.Storage;

/// <summary>The table of stopped claims: what workers are to be told, and what they answered.</summary>
/// <param name="dialect">The database's SQL.</param>
internal sealed class NativeClaimStops(SqlDialect dialect) : ClaimStops
{
    // The order of Read.
    private const string Columns = "token, task_id, worker_id, requested_at, delivered_at, confirmed_at, outcome";

    private readonly string _stops = dialect.Schema + ".stop";

    private readonly RowStatement _adding = RowStatement.Insert(
        dialect.Schema + ".stop",
        [
            new("token", SqlType.Identifier),
            new("task_id", SqlType.Text),
            new("worker_id", SqlType.Identifier),
            new("requested_at", SqlType.Integer),
        ],
        "ON CONFLICT DO NOTHING");

    private string OpenOfWorker => $"{_stops}{dialect.IndexHint("stop_open")} WHERE worker_id = $worker_id AND confirmed_at IS NULL";

    public override bool Add(SqlSession session, QueueTask before)
    {
        if (before is not { ClaimToken: { } token, WorkerId: { } worker })
        {
            return false;
        }

        session.WriteRow(
            _adding,
            ("$token", token),
            ("$task_id", before.Id),
            ("$worker_id", worker),
            ("$requested_at", session.Now.ToStored()));
        return true;
    }

    public override void AddForAllRunning(SqlSession session) => session.Write(
        $"""
        INSERT INTO {_stops} (token, task_id, worker_id, requested_at)
        SELECT claim_token, id, worker_id, CAST($at AS BIGINT) FROM {dialect.Schema}.task{dialect.IndexHint("task_status")}
        WHERE status = 'running' AND {dialect.IdentifierCondition("claim_token")} AND {dialect.IdentifierCondition("worker_id")}
        ON CONFLICT DO NOTHING
        """,
        ("$at", session.Now.ToStored()));

    /// <summary>True if the worker has not been told of all its stops; a plain read.</summary>
    public bool HasUndelivered(SqlSession session, Guid worker) => session.Number(
        $"SELECT EXISTS (SELECT 1 FROM {OpenOfWorker} AND delivered_at IS NULL)", ("$worker_id", worker)) == 1;

    /// <summary>True if the worker has not answered all its stops; a plain read.</summary>
    public bool HasOpen(SqlSession session, Guid worker) => session.Number(
        $"SELECT EXISTS (SELECT 1 FROM {OpenOfWorker})", ("$worker_id", worker)) == 1;

    /// <summary>Marks the worker's stops as delivered and returns those it has not answered, the oldest first.</summary>
    public IReadOnlyList<TaskStop> Deliver(SqlSession session, Guid worker)
    {
        session.Write(
            $"UPDATE {_stops}{dialect.IndexHint("stop_open")} SET delivered_at = $at "
            + "WHERE worker_id = $worker_id AND confirmed_at IS NULL AND delivered_at IS NULL",
            ("$at", session.Now.ToStored()),
            ("$worker_id", worker));
        // A stop that is added between the two statements is not marked. It may still be withdrawn, and is handed out the next time.
        return session.Rows(
            $"SELECT {Columns} FROM {OpenOfWorker} AND delivered_at IS NOT NULL ORDER BY requested_at", Read, ("$worker_id", worker));
    }

    /// <summary>
    /// Records how a stop ended; false if just that is recorded already, by a call whose answer was lost. What the worker found out
    /// without being told, as from a refused heartbeat, counts as delivered.
    /// </summary>
    public bool Confirm(SqlSession session, StopReceipt receipt)
    {
        (string, object?)[] key = [("$token", receipt.Token), ("$task_id", receipt.TaskId)];
        var recorded = session.Execute(
            $"""
            UPDATE {_stops} SET outcome = $outcome, confirmed_at = $at, delivered_at = COALESCE(delivered_at, $at)
            WHERE token = $token AND task_id = $task_id AND outcome IS DISTINCT FROM $outcome
            """,
            [("$outcome", receipt.Outcome.ToString()), ("$at", session.Now.ToStored()), .. key]);
        return recorded > 0 || session.Number($"SELECT COUNT(*) FROM {_stops} WHERE token = $token AND task_id = $task_id", key) == 0;
    }

    /// <summary>The stops of the claims with these tokens.</summary>
    public IReadOnlyList<TaskStop> Find(SqlSession session, IEnumerable<Guid> tokens) =>
    [
        .. tokens
            .Distinct()
            .SelectMany(token => session.Rows($"SELECT {Columns} FROM {_stops} WHERE token = $token", Read, ("$token", token))),
    ];

    public override void NoteRefusal(SqlSession session, string taskId, Guid token) => session.Write(
        $"UPDATE {_stops} SET refused_at = $at WHERE token = $token AND task_id = $task_id AND refused_at IS NULL",
        ("$at", session.Now.ToStored()),
        ("$token", token),
        ("$task_id", taskId));

    public override IReadOnlyList<Guid> UntoldWorkers(SqlSession session) => session
        .Rows(
            $"SELECT DISTINCT worker_id FROM {_stops}{dialect.IndexHint("stop_open")} WHERE confirmed_at IS NULL AND delivered_at IS NULL",
            row => new NativeRow(row).Identifier(0))
        .OfType<Guid>()
        .ToList();

    public override (RunningReturn How, string Note) RunningReturnOf(
        SqlSession session, QueueTask before, IReadOnlySet<Guid> living, bool forChange)
    {
        if (before.ClaimToken is not { } token)
        {
            return (RunningReturn.AsItWas, "as before: no worker was known to hold it");
        }

        if (before is not { WorkerId: not null, LeaseExpiresAt: not null, HeartbeatAt: not null })
        {
            return (RunningReturn.Pending, "not running as before: no known worker held it");
        }

        return UnawareWorker(session, before.Id, token, forChange) switch
        {
            null => (RunningReturn.Pending, "not running as before: its worker had learned of the stop"),
            { } worker when !living.Contains(worker) => (RunningReturn.Pending, "not running as before: its worker does not live any more"),
            _ => (RunningReturn.WithItsClaim, "its stop was withdrawn before its worker learned of it"),
        };
    }

    // A delivered stop is not withdrawn.
    public override void Withdraw(SqlSession session, QueueTask before) => session.Write(
        $"DELETE FROM {_stops} WHERE token = $token AND task_id = $task_id AND delivered_at IS NULL",
        ("$token", before.ClaimToken!.Value),
        ("$task_id", before.Id));

    /// <summary>Deletes old receipts. A stop that a known worker has not been told of stays: the worker may only be suspended.</summary>
    public void Prune(SqlSession session, DateTimeOffset before) => session.Write(
        $"""
        DELETE FROM {_stops}
        WHERE requested_at < $before AND (delivered_at IS NOT NULL OR worker_id NOT IN (SELECT id FROM {dialect.Schema}.worker))
        """,
        ("$before", before.ToStored()));

    /// <summary>
    /// The worker that does not know yet that this claim was ended, and could still go on as if it had not been; null if it knows, or there
    /// is none.
    /// </summary>
    private Guid? UnawareWorker(SqlSession session, string taskId, Guid token, bool forChange) => session.Rows(
        $"""
        SELECT worker_id FROM {_stops}
        WHERE token = $token AND task_id = $task_id AND delivered_at IS NULL AND refused_at IS NULL{(forChange ? dialect.ForUpdate : "")}
        """,
        row => new NativeRow(row).Identifier(0),
        ("$token", token),
        ("$task_id", taskId)).SingleOrDefault();

    private static TaskStop Read(SqlRow row)
    {
        var read = new NativeRow(row);
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
