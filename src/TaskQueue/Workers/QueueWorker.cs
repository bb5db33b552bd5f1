namespace TaskQueue;

/// <summary>
/// Runs the tasks of a queue: claims, runs them in slots, keeps their leases, completes them, and takes back those of workers
/// that died. Ends when it is told to, or as <see cref="WorkerOptions"/> say.
/// </summary>
public sealed class QueueWorker : IDisposable
{
    /// <param name="store">The queue; stays the caller's.</param>
    /// <param name="handlers">A handler for each type, case-sensitive.</param>
    /// <param name="options">How to work.</param>
    /// <param name="actor">Who starts it: under this name failures, recoveries and stops stand in the log.</param>
    /// <exception cref="TaskValidationException">The options or the types are out of range.</exception>
    public QueueWorker(ITaskStore store, IReadOnlyDictionary<string, ITaskHandler> handlers, WorkerOptions options, Actor actor) =>
        throw new NotImplementedException();

    /// <summary>Which worker this is.</summary>
    public WorkerIdentity Identity => throw new NotImplementedException();

    /// <summary>Called, on a thread of the worker and one call at a time, with each task once its success or final failure is committed.</summary>
    public Action<QueueTask>? Finished { get; init; }

    /// <summary>Called, on a thread of the worker, with what an operator should know: a queue out of reach, a handler that ignores its stop.</summary>
    public Action<string>? Warned { get; init; }

    /// <summary>How many tasks succeeded, failed for good, are running now.</summary>
    public WorkerCounts Counts => throw new NotImplementedException();

    /// <summary>Works until the end; returns once nothing of the worker runs any more and what it held is finished or released.</summary>
    /// <exception cref="TaskQueueException">The queue cannot be used at all.</exception>
    public void Run() => throw new NotImplementedException();

    /// <summary>Asks for the end: no new claims, running tasks get the grace period, what is left is released. From any thread, at once.</summary>
    public void Drain() => throw new NotImplementedException();

    /// <summary>Ends at once: running tasks are stopped and released. From any thread; does not wait.</summary>
    public void StopNow() => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}

/// <summary>A worker's figures since it started.</summary>
public readonly record struct WorkerCounts(long Done, long Failed, int Running);
