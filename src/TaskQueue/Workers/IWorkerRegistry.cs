namespace TaskQueue;

/// <summary>
/// The workers of a queue, what operators ask of them, and the receipts of stopped tasks. Kept in the queue itself, so that it
/// reaches workers in other processes and on other machines. Every write is committed when the call returns.
/// </summary>
public interface IWorkerRegistry : IWorkerRegistration
{
    /// <summary>All workers known, also those that ended without a word; empty in a layout that knows none.</summary>
    IReadOnlyList<WorkerRecord> Read(CancellationToken cancellation);

    /// <summary>
    /// Takes out workers that hold no running task and gave no sign of life since <paramref name="before"/>; returns how many. Receipts
    /// as old go too, and sightings of claims that have ended.
    /// </summary>
    int Prune(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Asks a worker to stop; false if it is not known. A request never weakens an earlier one.</summary>
    bool RequestStop(Guid worker, WorkerStopMode request, NewOperation operation, CancellationToken cancellation);

    /// <summary>The leases that others have watched and seen unrenewed, in no order.</summary>
    IReadOnlyList<LeaseSighting> ReadSightings(CancellationToken cancellation);

    /// <summary>Keeps what was seen of leases, for the next process that watches them. Of the same lease the longer watch stays.</summary>
    void PutSightings(IReadOnlyList<LeaseSighting> sightings, CancellationToken cancellation);

    /// <summary>The stops of these claims that are known, in no order.</summary>
    IReadOnlyList<TaskStop> FindStops(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation);
}
