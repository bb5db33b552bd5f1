using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Benchmarks;

/// <summary>Does nothing, and remembers when it was asked to.</summary>
internal sealed class TimedHandler : ITaskHandler
{
    /// <summary>When each task was started, by its id.</summary>
    public ConcurrentDictionary<string, long> Started { get; } = new();

    public HandlerOutcome Run(TaskExecution execution)
    {
        Started[execution.Task.Id] = Stopwatch.GetTimestamp();
        return HandlerOutcome.Success("1");
    }
}
