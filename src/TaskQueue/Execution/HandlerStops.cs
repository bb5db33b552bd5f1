namespace TaskQueue;

/// <summary>What a worker does about stops: it ends the handlers of its tasks.</summary>
/// <param name="holder">The worker.</param>
/// <param name="actions">What others do about it.</param>
internal sealed class HandlerStops(ClaimHolder holder, HandlerStops.Actions actions) : IStopTarget
{
    // Stops in progress. The queue hands them out again until their receipt is written.
    private readonly HashSet<Guid> _taken = [];

    public void EndTasks(IReadOnlyList<TaskStop> stops)
    {
        foreach (var stop in stops.Where(stop => _taken.Add(stop.Token)))
        {
            var task = holder.Held.FindOrRefuse(stop.Token);
            var wasWaiting = task?.TryTakeBack() == true;
            if (!wasWaiting && task?.RequestStop(StopReason.Forced, holder.Options.GracePeriod) == true)
            {
                actions.StopBegan();
                continue;
            }

            // It has not begun or has just ended: nothing of it runs.
            var receipt = new StopReceipt(stop.TaskId, stop.Token, StopOutcome.NotRunning, TimeSpan.Zero);
            actions.Ended(new HeldTaskEnding(wasWaiting ? task : null, null, receipt));
        }
    }

    public void EndLost(HeldTask task)
    {
        if (task.TryTakeBack())
        {
            actions.Ended(new HeldTaskEnding(task, null, null));
        }
        else if (task.RequestStop(StopReason.ClaimLost, holder.Options.GracePeriod))
        {
            actions.StopBegan();
        }
    }

    public void End(WorkerStopMode request) => actions.StopWorker(request);

    /// <summary>What others do about a stop.</summary>
    /// <param name="Ended">A task has ended without its slot.</param>
    /// <param name="StopBegan">A handler was told to end.</param>
    /// <param name="StopWorker">An operator asked the worker itself to end.</param>
    internal sealed record Actions(Action<HeldTaskEnding> Ended, Action StopBegan, Action<WorkerStopMode> StopWorker);
}
