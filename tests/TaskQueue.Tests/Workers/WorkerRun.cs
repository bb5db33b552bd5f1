using System.Collections.Concurrent;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>A worker on a thread of its own, with a lambda for each type, until it is ended or disposed.</summary>
internal sealed class WorkerRun : IDisposable
{
    private readonly QueueWorker _worker;
    private readonly Task _run;

    public WorkerRun(IWorkSource source, WorkerOptions options, params (string Type, Func<TaskExecution, HandlerOutcome> Run)[] handlers)
    {
        _worker = new QueueWorker(
            source, handlers.ToDictionary(handler => handler.Type, handler => (ITaskHandler)new Lambda(handler.Run)), options,
            Actor.Current("Test-Worker"))
        {
            Finished = Finished.Add,
            Warned = Warnings.Enqueue,
        };
        _run = Task.Factory.StartNew(_worker.Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    public static HandlerOutcome Succeed(TaskExecution execution) => HandlerOutcome.Success();

    public WorkerIdentity Identity => _worker.Identity;

    public WorkerCounts Counts => _worker.Counts;

    public BlockingCollection<QueueTask> Finished { get; } = [];

    public ConcurrentQueue<string> Warnings { get; } = [];

    /// <summary>The next task that succeeded or failed for good.</summary>
    public QueueTask NextFinished() =>
        Finished.TryTake(out var task, HangGuard.Longest)
            ? task
            : throw new TimeoutException($"No task finished. {string.Join("; ", Warnings)}");

    public void Drain() => _worker.Drain();

    public void StopNow() => _worker.StopNow();

    public bool HasEnded => _run.IsCompleted;

    /// <summary>Waits for the end the worker comes to by itself, or was asked for.</summary>
    public void Await() => Assert.True(_run.Wait(HangGuard.Longest), "The worker did not end.");

    public void Dispose()
    {
        _worker.StopNow();
        Await();
        _worker.Dispose();
        Finished.Dispose();
    }

    private sealed class Lambda(Func<TaskExecution, HandlerOutcome> run) : ITaskHandler
    {
        public HandlerOutcome Run(TaskExecution execution) => run(execution);
    }
}
