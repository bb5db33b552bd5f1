using System.Text.Json;

namespace TaskQueue.Storage;

/// <summary>The workers of a queue in the native layout.</summary>
/// <param name="store">Where they stand.</param>
/// <param name="tasks">The table of the tasks they run.</param>
/// <param name="stops">The stops of their claims.</param>
/// <param name="history">The log of what they are asked.</param>
/// <param name="dialect">The database's SQL.</param>
internal sealed class NativeWorkers(
    SqlTaskStore store, NativeTaskTable tasks, NativeClaimStops stops, HistoryTables history, SqlDialect dialect)
    : IWorkerRegistry
{
    private readonly string _workers = dialect.Schema + ".worker";
    private readonly LeaseWatchTable _sightings = new(dialect);

    // Running tasks are few beside the others, so no index of workers or tokens is kept.
    private string RunningTasks => $"{dialect.Schema}.task{dialect.IndexHint("task_status")} WHERE status = 'running'";

    public IReadOnlyList<WorkerRecord> Read(CancellationToken cancellation) => store.ReadWith(
        session => session.Rows(
            $"""
            SELECT id, machine, boot, namespace, process_id, process_start, "user", kind, started_at, heartbeat_at, lease_ms, concurrency,
                types,
                   is_draining, stop_requested, progress_timeouts
            FROM {_workers} ORDER BY started_at, id
            """,
            ReadRow),
        cancellation);

    public void Put(WorkerRecord worker, CancellationToken cancellation)
    {
        var identity = worker.Identity;
        store.WriteWith(
            session => session.Execute(
                $"""
                INSERT INTO {_workers} (id, machine, boot, namespace, process_id, process_start, "user", kind, started_at, heartbeat_at,
                    lease_ms,
                                    concurrency, types, is_draining, progress_timeouts)
                VALUES ($id, $machine, $boot, $namespace, $process_id, $process_start, $user, $kind, $now, $now, $lease_ms, $concurrency,
                        $types, $is_draining, $progress_timeouts)
                ON CONFLICT (id) DO UPDATE
                SET heartbeat_at = excluded.heartbeat_at, lease_ms = excluded.lease_ms, concurrency = excluded.concurrency,
                    types = excluded.types, is_draining = excluded.is_draining,
                    progress_timeouts = excluded.progress_timeouts
                """,
                ("$id", identity.Id),
                ("$machine", identity.Machine),
                ("$boot", identity.Boot),
                ("$namespace", identity.Namespace),
                ("$process_id", identity.ProcessId),
                ("$process_start", identity.ProcessStart),
                ("$user", identity.User),
                ("$kind", worker.Kind.ToString()),
                ("$now", session.Now.ToStored()),
                ("$lease_ms", (long)worker.LeaseTime.TotalMilliseconds),
                ("$concurrency", worker.Concurrency),
                ("$types", JsonSerializer.Serialize(worker.Types)),
                ("$is_draining", worker.IsDraining ? 1 : 0),
                ("$progress_timeouts", JsonSerializer.Serialize(
                    worker.ProgressTimeouts.ToDictionary(timeout => timeout.Key, timeout => (long)timeout.Value.TotalMilliseconds)))),
            cancellation);
    }

    public void Remove(Guid worker, CancellationToken cancellation) => store.WriteWith(
        session => session.Execute($"DELETE FROM {_workers} WHERE id = $id", ("$id", worker)), cancellation);

    public int Prune(DateTimeOffset before, CancellationToken cancellation) => store.WriteWith(
        session =>
        {
            var pruned = session.Execute(
                $"""
                DELETE FROM {_workers}
                WHERE heartbeat_at < $before AND id NOT IN (SELECT worker_id FROM {RunningTasks} AND worker_id IS NOT NULL)
                """,
                ("$before", before.ToStored()));
            stops.Prune(session, before);
            _sightings.Prune(session);
            tasks.Prune(session, before);
            return pruned;
        },
        cancellation);

    public bool RequestStop(Guid worker, WorkerStopMode request, NewOperation operation, CancellationToken cancellation) => store.WriteWith(
        session =>
        {
            // One statement, so that the stronger of two simultaneous requests stays.
            var asked = session.Execute(
                $"UPDATE {_workers} SET stop_requested = $request WHERE id = $id AND stop_requested < $request",
                ("$request", (int)request),
                ("$id", worker));
            if (asked > 0)
            {
                session.Announce();
                _ = new OperationLog(session, operation, history).Begin();
            }

            return asked > 0 || StopRequestedOf(session, worker) is not null;
        },
        cancellation);

    public WorkerSignals Signals(Guid worker, CancellationToken cancellation) => store.ReadWith(
        session =>
        {
            var requested = StopRequestedOf(session, worker);
            return new WorkerSignals(requested ?? WorkerStopMode.None, stops.HasUndelivered(session, worker), requested is not null);
        },
        cancellation);

    // A plain read first: a worker that has nothing to be told does not take the write lock.
    public IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation) =>
        store.ReadWith(session => stops.HasOpen(session, worker), cancellation)
            ? store.WriteWith(session => stops.Deliver(session, worker), cancellation)
            : [];

    public void ConfirmStops(IReadOnlyList<StopReceipt> receipts, NewOperation operation, CancellationToken cancellation) =>
        store.WriteWith(
            session =>
            {
                session.Announce();
                var log = new OperationLog(session, operation, history);
                foreach (var receipt in receipts.Where(receipt => stops.Confirm(session, receipt)))
                {
                    log.Append("stop confirmed", isUndoable: false, receipt.TaskId, before: null, after: null, Details(receipt));
                }

                return true;
            },
            cancellation);

    // One statement, so that it sees both tables as they were at one moment.
    public bool IsLost(Guid token, CancellationToken cancellation) => store.ReadWith(
        session => session.Number(
            $"""
            SELECT NOT EXISTS (SELECT 1 FROM {dialect.Schema}.stop WHERE token = $token)
               AND NOT EXISTS (SELECT 1 FROM {RunningTasks} AND claim_token = $token)
            """,
            ("$token", token)) == 1,
        cancellation);

    public IReadOnlyList<LeaseSighting> ReadSightings(CancellationToken cancellation) => store.ReadWith(_sightings.Read, cancellation);

    public void PutSightings(IReadOnlyList<LeaseSighting> sightings, CancellationToken cancellation) => store.WriteWith(
        session =>
        {
            // Leases are written in token order, which avoids deadlocks.
            foreach (var sighting in sightings.OrderBy(sighting => sighting.Token))
            {
                _sightings.Put(session, sighting);
            }

            return true;
        },
        cancellation);

    public IReadOnlyList<TaskStop> FindStops(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        store.ReadWith(session => stops.Find(session, tokens), cancellation);

    /// <summary>What is asked of a worker; null if it is not known.</summary>
    private WorkerStopMode? StopRequestedOf(SqlSession session, Guid worker) => session
        .Rows($"SELECT stop_requested FROM {_workers} WHERE id = $id", row => (WorkerStopMode?)ReadStop(row, 0), ("$id", worker))
        .SingleOrDefault();

    private static WorkerRecord ReadRow(SqlRow row)
    {
        var read = new NativeRow(row);
        return new WorkerRecord
        {
            Identity = new WorkerIdentity
            {
                Id = read.Identifier(0)!.Value,
                Machine = read.Text(1),
                Boot = read.OptionalText(2),
                Namespace = read.OptionalText(3),
                ProcessId = read.Number(4, 0),
                ProcessStart = row.IsDBNull(5) ? null : row.GetInt64(5),
                User = read.Text(6),
            },
            Kind = Enum.TryParse<WorkerKind>(read.Text(7), out var kind) ? kind : WorkerKind.Worker,
            StartedAt = read.Time(8) ?? DateTimeOffset.UnixEpoch,
            HeartbeatAt = read.Time(9) ?? DateTimeOffset.UnixEpoch,
            LeaseTime = read.Duration(10) ?? TimeSpan.Zero,
            Concurrency = read.Number(11, 0),
            Types = ReadJson<List<string>>(read.Text(12)),
            IsDraining = read.Number(13, 0) != 0,
            StopRequested = ReadStop(row, 14),
            ProgressTimeouts = ReadJson<Dictionary<string, long>>(read.Text(15))
                .ToDictionary(timeout => timeout.Key, timeout => TimeSpan.FromMilliseconds(timeout.Value), StringComparer.Ordinal),
        };
    }

    // A list, not a collection expression: scripts index it, and the compiler's own type does not allow that.
    private static T ReadJson<T>(string json)
        where T : new()
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json) ?? new T();
        }
        catch (JsonException)
        {
            return new T();
        }
    }

    private static WorkerStopMode ReadStop(SqlRow row, int column) =>
        (WorkerStopMode)Math.Clamp(row.GetInt64(column), (long)WorkerStopMode.None, (long)WorkerStopMode.Force);

    private static string Details(StopReceipt receipt) => receipt.Outcome switch
    {
        StopOutcome.Ended => $"ended {Duration.Format(receipt.Elapsed)} after it was told",
        StopOutcome.Killed => $"killed after {Duration.Format(receipt.Elapsed)}",
        StopOutcome.Ignored => "ignored: its handler still runs",
        StopOutcome.Told => "the session was told",
        _ => "its handler was not running",
    };
}
