namespace TaskQueue.Benchmarks;

/// <summary>Does nothing, or only takes its time.</summary>
internal sealed class SampleHandler(TimeSpan time) : ITaskHandler
{
    /// <summary>A worker that has it for the sample tasks.</summary>
    public static QueueWorker Worker(ITaskStore store, WorkerOptions options, Action<string>? warned = null, TimeSpan time = default) =>
        new(
            store, new Dictionary<string, ITaskHandler> { [SampleTask.Type] = new SampleHandler(time) }, options,
            SampleTask.Work.Actor) { Warned = warned };

    public HandlerOutcome Run(TaskExecution execution)
    {
        if (time > TimeSpan.Zero)
        {
            Thread.Sleep(time);
        }

        return HandlerOutcome.Success("1");
    }
}
