namespace TaskQueue;

/// <summary>
/// A worker's part of the registry: it registers itself, learns what is asked of it and its tasks, and answers. Every write is
/// committed when the call returns.
/// </summary>
public interface IWorkerRegistration
{
    /// <summary>
    /// Adds the worker, or says that it lives. Its times are set by the queue's clock, and what an operator asked of it stays.
    /// </summary>
    void Put(WorkerRecord worker, CancellationToken cancellation);

    /// <summary>Takes out a worker that ended in good order.</summary>
    void Remove(Guid worker, CancellationToken cancellation);

    /// <summary>What there is for the worker to do beside its tasks: a plain read, cheap enough to repeat.</summary>
    WorkerSignals Signals(Guid worker, CancellationToken cancellation);

    /// <summary>
    /// Hands the worker the stops of tasks it held that are not confirmed yet, and marks them as delivered in the same transaction. From
    /// then on a stop cannot be withdrawn; before then the worker must not act on it. Safe to repeat: what was delivered by a call
    /// whose answer was lost comes again. Those of a dead worker are taken by the process that answers in its name.
    /// </summary>
    IReadOnlyList<TaskStop> TakeStops(Guid worker, CancellationToken cancellation);

    /// <summary>Records how stops ended, also in the log of each task.</summary>
    void ConfirmStops(IReadOnlyList<StopReceipt> receipts, NewOperation operation, CancellationToken cancellation);

    /// <summary>
    /// True if neither a running task nor a stop carries the token, both looked at in the same moment: only then can the claim never
    /// come back, as it does when a stop is withdrawn.
    /// </summary>
    bool IsLost(Guid token, CancellationToken cancellation);
}

/// <summary>What waits for a worker.</summary>
/// <param name="Stop">What an operator asked of the worker as a whole.</param>
/// <param name="HasStops">True if there are stops of its tasks to take.</param>
/// <param name="IsKnown">
/// False if the queue does not know the worker any more, as when its file was replaced: it must put itself in again.
/// </param>
public readonly record struct WorkerSignals(WorkerStopMode Stop, bool HasStops, bool IsKnown);
