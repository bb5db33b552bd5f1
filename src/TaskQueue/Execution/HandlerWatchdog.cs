namespace TaskQueue;

/// <summary>
/// Watches time-outs. Takes a handler that is to be stopped through its steps: cancellation, grace period, kill. It has a thread of its own
/// that never touches the queue, so that no lock can delay it.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="abandoned">Called with a task whose handler was given up, and its slot with it.</param>
internal sealed class HandlerWatchdog(ClaimHolder worker, Action<HeldTaskEnding> abandoned)
    : WorkerThread("TaskQueue watchdog", "Handlers cannot be stopped", worker)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    protected override TimeSpan Work()
    {
        foreach (var task in Holder.Held.All)
        {
            if (task.Advance() is { } ending)
            {
                abandoned(ending);
            }
        }

        return Holder.Held.All.Min(task => task.UntilNextStep) is { } next && next < LongestPause ? next : LongestPause;
    }
}
