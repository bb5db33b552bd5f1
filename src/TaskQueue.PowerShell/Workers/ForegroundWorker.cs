using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace TaskQueue.PowerShell;

/// <summary>
/// A worker on a thread of its own. The pipeline's thread takes its notices. A slow pipeline slows the worker down; one that no longer
/// listens does not.
/// </summary>
internal sealed class ForegroundWorker : IDisposable
{
    private const int MostNotices = 1000;

    // It has no bound of its own, since the threads that fill it also renew leases and confirm stops. While too many notices wait, no tasks
    // are claimed.
    private readonly BlockingCollection<WorkerNotice> _notices = [];
    private volatile bool _dropsNotices;
    private readonly QueueWorker _worker;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _ended = new();
    private ExceptionDispatchInfo? _failure;

    /// <exception cref="TaskValidationException">The options or the types are out of range.</exception>
    public ForegroundWorker(ITaskStore store, IReadOnlyDictionary<string, ITaskHandler> handlers, WorkerOptions options, Actor actor)
    {
        _worker = new QueueWorker(store, handlers, options, actor)
        {
            Finished = task => AddNotice(new WorkerNotice(task, null)),
            MayClaim = () => _notices.Count < MostNotices,
            Retried = task => AddNotice(new WorkerNotice(task, null)),
            Warned = warning => AddNotice(new WorkerNotice(null, warning)),
        };
        _thread = new Thread(Run) { IsBackground = true, Name = "TaskQueue worker" };
    }

    public WorkerIdentity Identity => _worker.Identity;

    public WorkerCounts Counts => _worker.Counts;

    /// <summary>True once the worker has ended and all its notices are taken.</summary>
    public bool HasEnded => _notices.IsCompleted;

    public void Start() => _thread.Start();

    /// <summary>Waits for the next notice; false if none came in that time.</summary>
    public bool TryTake(out WorkerNotice notice, TimeSpan longest, CancellationToken cancellation) =>
        _notices.TryTake(out notice, (int)longest.TotalMilliseconds, cancellation);

    /// <inheritdoc cref="QueueWorker.Drain"/>
    public void Drain() => _worker.Drain();

    /// <inheritdoc cref="QueueWorker.StopNow"/>
    public void StopNow() => _worker.StopNow();

    /// <summary>Asks for the end of the worker and waits for it. Notices are dropped from now on.</summary>
    public void DrainAndWait()
    {
        _dropsNotices = true;
        _worker.Drain();
        _thread.Join();
    }

    /// <summary>Waits for the end of the worker, on any thread.</summary>
    public void WaitForEnd() => _ended.Wait();

    /// <summary>Throws the error that ended the worker, if there was one.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    public void Dispose()
    {
        _worker.Dispose();
        _notices.Dispose();
        // The event of the worker's end is not disposed: the thread that handles a signal may still wait for it.
    }

    private void Run()
    {
        try
        {
            _worker.Run();
        }
#pragma warning disable CA1031 // It is thrown again on the pipeline's thread.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _failure = ExceptionDispatchInfo.Capture(error);
        }
        finally
        {
            _notices.CompleteAdding();
            _ended.Set();
        }
    }

    private void AddNotice(WorkerNotice notice)
    {
        // A dropped notice loses nothing: the end of the task is in the queue.
        if (!_dropsNotices)
        {
            _notices.Add(notice);
        }
    }
}
