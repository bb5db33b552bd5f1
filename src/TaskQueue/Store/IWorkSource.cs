namespace TaskQueue;

/// <summary>
/// What a worker needs of a queue: claims, the writes of those who hold them, and news. A store is one; a queue that is reached
/// over HTTP can be another. Safe to use from several threads. Every write is committed when the call returns; a call that throws
/// has written nothing, or its answer was lost.
/// </summary>
public interface IWorkSource : IDisposable
{
    /// <summary>The queue's own clock, in whole milliseconds: ages are judged by it.</summary>
    DateTimeOffset Now { get; }

    /// <summary>Where a worker registers itself and learns what is asked of it.</summary>
    IWorkerRegistration Workers { get; }

    /// <summary>
    /// The store that this worker has to maintain: it takes back the tasks of dead workers and deletes what has expired. Null where
    /// somebody else maintains it, such as the server that a worker reaches it by.
    /// </summary>
    ITaskStore? Maintained { get; }

    /// <summary>The task with exactly this id, or null.</summary>
    QueueTask? Find(string id, CancellationToken cancellation);

    /// <summary>Claims due tasks for a worker, the most urgent first; empty if there are none.</summary>
    IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation);

    /// <summary>The types of tasks that can be claimed now. Of what has just come due it names those of the next claims at least.</summary>
    IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation);

    /// <summary>The running tasks that carry one of these tokens: a claim whose answer was lost is found again by them.</summary>
    IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation);

    /// <summary>When the next task that waits for its time comes due, of whatever type; null if none waits.</summary>
    DateTimeOffset? NextDue(CancellationToken cancellation);

    /// <summary>
    /// Carries out what a worker writes of tasks it has claimed: one outcome each, in order. Each task is written as a whole; several tasks
    /// may take two transactions. A write may be repeated when its answer was lost: it is recognised by its token.
    /// </summary>
    IReadOnlyList<TaskOutcome> Change(IReadOnlyList<WorkerChange> changes, NewOperation operation, CancellationToken cancellation);

    /// <summary>
    /// Calls <paramref name="changed"/> soon after anything in the queue was changed, by whatever process: usually within 15 ms,
    /// at the latest after 250 ms. It may come too often, for one change or for many, on any thread, and must not block. Ends when
    /// disposed.
    /// </summary>
    IDisposable Watch(Action changed);
}
