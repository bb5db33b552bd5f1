namespace TaskQueue;

/// <summary>
/// The workers of a queue, what operators ask of them, and the receipts of stopped tasks. Kept in the queue itself, so that it
/// reaches workers in other processes and on other machines. Every write is committed when the call returns.
/// </summary>
public interface IWorkerRegistry
{
    /// <summary>All workers known, also those that ended without a word; empty in a layout that knows none.</summary>
    IReadOnlyList<WorkerRecord> Read(CancellationToken cancellation);

    /// <summary>Adds the worker, or says that it lives: its times are set by the queue's clock, and what an operator asked of it stays.</summary>
    void Put(WorkerRecord worker, CancellationToken cancellation);

    /// <summary>Takes out a worker that ended in good order.</summary>
    void Remove(Guid worker, CancellationToken cancellation);

    /// <summary>Takes out workers without a sign of life since <paramref name="before"/> that hold no running task, and receipts as old, and sightings of claims that have ended; returns how many workers.</summary>
    int Prune(DateTimeOffset before, CancellationToken cancellation);

    /// <summary>Asks a worker to stop; false if it is not known. A request never weakens an earlier one.</summary>
    bool RequestStop(Guid worker, WorkerStop request, Operation operation, CancellationToken cancellation);

    /// <summary>What there is for the worker to do beside its tasks: a plain read, cheap enough to repeat.</summary>
    WorkerSignals Signals(Guid worker, CancellationToken cancellation);

    /// <summary>
    /// Hands the worker the stops of tasks it held that are not confirmed yet, and marks them as delivered in the same transaction: from
    /// then on a stop cannot be withdrawn, before then the worker must not act on it. Safe to repeat: what was delivered by a call
    /// whose answer was lost comes again. For a dead worker, whoever answers in its name takes them.
    /// </summary>
    IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation);

    /// <summary>Records how stops ended, also in the log of each task.</summary>
    void ConfirmStops(IReadOnlyList<StopReceipt> receipts, Operation operation, CancellationToken cancellation);

    /// <summary>
    /// True if neither a running task nor a stop carries the token, both looked at in the same moment: only then can the claim never
    /// come back, as it does when a stop is withdrawn.
    /// </summary>
    bool IsLost(Guid token, CancellationToken cancellation);

    /// <summary>The leases that others have watched and seen unrenewed, in no order.</summary>
    IReadOnlyList<LeaseSighting> ReadSightings(CancellationToken cancellation);

    /// <summary>Keeps what was seen of leases for whoever watches them next. Of the same lease the longer watch stays.</summary>
    void PutSightings(IReadOnlyList<LeaseSighting> sightings, CancellationToken cancellation);

    /// <summary>The stops of these claims that are known, in no order.</summary>
    IReadOnlyList<TaskStop> FindStops(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation);
}

/// <summary>What waits for a worker.</summary>
/// <param name="Stop">What an operator asked of the worker as a whole.</param>
/// <param name="HasStops">True if there are stops of its tasks to take.</param>
/// <param name="IsKnown">False if the queue does not know the worker any more, as when its file was replaced: it must put itself in again.</param>
public readonly record struct WorkerSignals(WorkerStop Stop, bool HasStops, bool IsKnown);
