namespace TaskQueue.Tests;

/// <summary>Workers that can only be read.</summary>
internal sealed class MemoryWorkers(params Guid[] ids) : IWorkerRegistry
{
    public IReadOnlyList<WorkerRecord> Read(CancellationToken cancellation) => [.. ids.Select(id => new WorkerRecord
    {
        Identity = new WorkerIdentity { Id = id, Machine = "web01", ProcessId = 4711, User = "ops" },
        LeaseTime = TimeSpan.FromMinutes(1),
        Concurrency = 1,
        Types = ["render"],
    })];

    public void Put(WorkerRecord worker, CancellationToken cancellation) => throw new NotSupportedException();

    public void Remove(Guid worker, CancellationToken cancellation) => throw new NotSupportedException();

    public int Prune(DateTimeOffset before, CancellationToken cancellation) => throw new NotSupportedException();

    public bool RequestStop(Guid worker, WorkerStopMode request, NewOperation operation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public WorkerSignals Signals(Guid worker, CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation) => throw new NotSupportedException();

    public void ConfirmStops(IReadOnlyList<StopReceipt> receipts, NewOperation operation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public bool IsLost(Guid token, CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<LeaseSighting> ReadSightings(CancellationToken cancellation) => throw new NotSupportedException();

    public void PutSightings(IReadOnlyList<LeaseSighting> sightings, CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<TaskStop> FindStops(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        throw new NotSupportedException();
}
