namespace TaskQueue;

/// <summary>
/// Watches time-outs, and takes each handler that is to be stopped from its cancellation over the grace period to its end. On a
/// thread of its own that never touches the queue, so that no lock can delay it.
/// </summary>
/// <param name="held">What the worker holds.</param>
/// <param name="abandoned">Called with a task whose handler was given up, and its slot with it.</param>
/// <param name="warn">Called with what an operator should know.</param>
internal sealed class StopLadder(HeldTasks held, Action<HeldTaskEnding> abandoned, Action<string> warn)
    : WorkerThread("TaskQueue stop ladder", "Handlers cannot be stopped", warn)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    protected override TimeSpan Work()
    {
        foreach (var task in held.All)
        {
            if (task.Advance() is { } ending)
            {
                abandoned(ending);
            }
        }

        return held.All.Min(task => task.UntilNextStep) is { } next && next < LongestPause ? next : LongestPause;
    }
}
