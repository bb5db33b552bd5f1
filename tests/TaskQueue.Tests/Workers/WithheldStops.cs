namespace TaskQueue.Tests.Workers;

/// <summary>A queue whose worker does not learn of stops until it is let: the moment between a stop and its delivery, held open.</summary>
internal sealed class WithheldStops(ITaskStore store) : ITaskStore, IWorkerRegistry
{
    private volatile bool _isOpen;
    private int _refusedHeartbeats;

    /// <summary>How many heartbeats found the claim ended.</summary>
    public int RefusedHeartbeats => Volatile.Read(ref _refusedHeartbeats);

    public QueueInfo Info => store.Info;

    public DateTimeOffset Now => store.Now;

    public IWorkerRegistry Workers => this;

    public IOperationHistory History => store.History;

    public void Deliver() => _isOpen = true;

    public WorkerSignals Signals(Guid worker, CancellationToken cancellation)
    {
        var signals = store.Workers.Signals(worker, cancellation);
        return _isOpen ? signals : signals with { HasStops = false };
    }

    public IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation) => store.Workers.TakeStops(worker, cancellation);

    public IReadOnlyList<TaskOutcome> Change(IReadOnlyList<TaskChange> changes, NewOperation operation, CancellationToken cancellation)
    {
        var outcomes = store.Change(changes, operation, cancellation);
        var refused = changes.Zip(outcomes).Count(pair => pair.First is HeartbeatTask && pair.Second.Kind is not TaskOutcomeKind.Applied);
        Interlocked.Add(ref _refusedHeartbeats, refused);
        return outcomes;
    }

    public IEnumerable<QueueTask> Read(TaskQuery query, CancellationToken cancellation) => store.Read(query, cancellation);

    public CursorPage ReadPage(TaskQuery query, string? after, CancellationToken cancellation) =>
        store.ReadPage(query, after, cancellation);

    public QueueTask? Find(string id, CancellationToken cancellation) => store.Find(id, cancellation);

    public IReadOnlyDictionary<string, long> CountByStatus(CancellationToken cancellation) => store.CountByStatus(cancellation);

    public IReadOnlyList<TypeCount> CountByType(CancellationToken cancellation) => store.CountByType(cancellation);

    public void EnsureCanHold(NewTask task) => store.EnsureCanHold(task);

    public void EnsureSupports(TaskChange change) => store.EnsureSupports(change);

    public void EnsureTakesImports() => store.EnsureTakesImports();

    public IReadOnlyList<TaskOutcome> Enqueue(IReadOnlyList<NewTask> tasks, CancellationToken cancellation) =>
        store.Enqueue(tasks, cancellation);

    public IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation) => store.Claim(request, cancellation);

    public IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation) => store.ClaimableTypes(cancellation);

    public IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        store.FindClaimed(tokens, cancellation);

    public DateTimeOffset? NextDue(CancellationToken cancellation) => store.NextDue(cancellation);

    public IDisposable Watch(Action changed) => store.Watch(changed);

    public IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, NewOperation operation, CancellationToken cancellation) =>
        store.Import(tasks, options, operation, cancellation);

    public long ReplaceAll(ITaskStore source, ImportOptions options, NewOperation operation, CancellationToken cancellation) =>
        store.ReplaceAll(source, options, operation, cancellation);

    public BackupResult Backup(BackupRequest request, CancellationToken cancellation) => store.Backup(request, cancellation);

    public OptimizeResult Optimize(HistoryRetention retention, Action<double> progress, CancellationToken cancellation) =>
        store.Optimize(retention, progress, cancellation);

    public IReadOnlyList<WorkerRecord> Read(CancellationToken cancellation) => store.Workers.Read(cancellation);

    public void Put(WorkerRecord worker, CancellationToken cancellation) => store.Workers.Put(worker, cancellation);

    public void Remove(Guid worker, CancellationToken cancellation) => store.Workers.Remove(worker, cancellation);

    public int Prune(DateTimeOffset before, CancellationToken cancellation) => store.Workers.Prune(before, cancellation);

    public bool RequestStop(Guid worker, WorkerStopMode request, NewOperation operation, CancellationToken cancellation) =>
        store.Workers.RequestStop(worker, request, operation, cancellation);

    public void ConfirmStops(IReadOnlyList<StopReceipt> receipts, NewOperation operation, CancellationToken cancellation) =>
        store.Workers.ConfirmStops(receipts, operation, cancellation);

    public bool IsLost(Guid token, CancellationToken cancellation) => store.Workers.IsLost(token, cancellation);

    public IReadOnlyList<TaskStop> FindStops(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        store.Workers.FindStops(tokens, cancellation);

    public IReadOnlyList<LeaseSighting> ReadSightings(CancellationToken cancellation) => store.Workers.ReadSightings(cancellation);

    public void PutSightings(IReadOnlyList<LeaseSighting> sightings, CancellationToken cancellation) =>
        store.Workers.PutSightings(sightings, cancellation);

    public void Dispose()
    {
        // The queue is its owner's.
    }
}
