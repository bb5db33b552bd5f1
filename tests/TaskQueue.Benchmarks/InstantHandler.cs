namespace TaskQueue.Benchmarks;

/// <summary>Does nothing.</summary>
internal sealed class InstantHandler : ITaskHandler
{
    /// <summary>A worker that has it for the sample tasks.</summary>
    public static QueueWorker Worker(ITaskStore store, WorkerOptions options, Action<string>? warned = null) =>
        new(
            store, new Dictionary<string, ITaskHandler> { [SampleTask.Type] = new InstantHandler() }, options,
            SampleTask.Work.Actor) { Warned = warned };

    public HandlerOutcome Run(TaskExecution execution) => HandlerOutcome.Success("1");
}
