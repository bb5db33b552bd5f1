namespace TaskQueue.Storage;

/// <summary>
/// The workers of a queue in the original's layout. The layout has no place for workers, and the original's own worker cannot be seen.
/// </summary>
internal sealed class OriginalWorkers : IWorkerRegistry
{
    public IReadOnlyList<WorkerRecord> Read(CancellationToken cancellation) => [];

    public void Put(WorkerRecord worker, CancellationToken cancellation) => throw NoWorkers();

    public void Remove(Guid worker, CancellationToken cancellation) => throw NoWorkers();

    public int Prune(DateTimeOffset before, CancellationToken cancellation) => throw NoWorkers();

    public bool RequestStop(Guid worker, WorkerStopMode request, NewOperation operation, CancellationToken cancellation) =>
        throw NoWorkers();

    public WorkerSignals Signals(Guid worker, CancellationToken cancellation) => default;

    public IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation) => throw NoWorkers();

    public void ConfirmStops(IReadOnlyList<StopReceipt> receipts, NewOperation operation, CancellationToken cancellation) =>
        throw NoWorkers();

    public bool IsLost(Guid token, CancellationToken cancellation) => true;

    public IReadOnlyList<LeaseSighting> ReadSightings(CancellationToken cancellation) => [];

    public void PutSightings(IReadOnlyList<LeaseSighting> sightings, CancellationToken cancellation) => throw NoWorkers();

    public IReadOnlyList<TaskStop> FindStops(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) => [];

    private static LayoutNotSupportedException NoWorkers() => new("workers");
}
