namespace TaskQueue.Benchmarks;

/// <summary>Does nothing.</summary>
internal sealed class InstantHandler : ITaskHandler
{
    public HandlerOutcome Run(TaskExecution execution) => HandlerOutcome.Success("1");
}
