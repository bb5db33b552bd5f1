using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace TaskQueue.PowerShell;

/// <summary>
/// A worker on a thread of its own, whose notices the pipeline's thread takes. A slow pipeline slows the worker down; one that
/// does not listen any more never does.
/// </summary>
internal sealed class ForegroundWorker : IDisposable
{
    private const int MostWaiting = 1000;

    // Unbounded: the threads that fill it also renew leases and confirm stops. If it fills up, fewer tasks are claimed.
    private readonly BlockingCollection<WorkerNotice> _notices = [];
    private volatile bool _nobodyListens;
    private readonly QueueWorker _worker;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _ended = new();
    private ExceptionDispatchInfo? _failure;

    /// <exception cref="TaskValidationException">The options or the types are out of range.</exception>
    public ForegroundWorker(ITaskStore store, IReadOnlyDictionary<string, ITaskHandler> handlers, WorkerOptions options, Actor actor)
    {
        _worker = new QueueWorker(store, handlers, options, actor)
        {
            Finished = task => Tell(new WorkerNotice(task, null)),
            MayClaim = () => _notices.Count < MostWaiting,
            Retried = task => Tell(new WorkerNotice(task, null)),
            Warned = warning => Tell(new WorkerNotice(null, warning)),
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

    /// <summary>Asks for the end and waits for it; what the worker says from now on is dropped.</summary>
    public void DrainAndWait()
    {
        _nobodyListens = true;
        _worker.Drain();
        _thread.Join();
    }

    /// <summary>Waits for its end, on any thread.</summary>
    public void WaitForEnd() => _ended.Wait();

    /// <summary>Throws what ended the worker, if it could not go on.</summary>
    public void ThrowIfFailed() => _failure?.Throw();

    public void Dispose()
    {
        _worker.Dispose();
        _notices.Dispose();
        // The flag, not the event: the thread that handles a signal may still wait for it.
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

    private void Tell(WorkerNotice notice)
    {
        // If the pipeline was stopped, the end of the task is in the queue.
        if (!_nobodyListens)
        {
            _notices.Add(notice);
        }
    }
}
