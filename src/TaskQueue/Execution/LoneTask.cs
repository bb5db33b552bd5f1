namespace TaskQueue;

/// <summary>
/// A task under suspicion of killing its workers. It begins when nothing else is held, and nothing is claimed until it has ended: if it
/// kills the worker, no other task is suspected. Its beginning is recorded before it begins.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="giveBack">
/// Called with the task if what runs does not end: others may be able to run it, and this worker has other work.
/// </param>
internal sealed class LoneTask(ClaimHolder worker, Action<HeldTask, TimeSpan> giveBack)
{
    // Most running tasks end within this time. Until then nothing else is claimed.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // A worker whose tasks take days is held up for a small part of its time.
    private static readonly TimeSpan NextTry = TimeSpan.FromMinutes(5);

    private long _takenAt;
    private HeldTask? _task;
    private bool _isStarted;

    /// <summary>True while there is one that waits or runs: then nothing is to be claimed.</summary>
    public bool IsThere => _task is { } task && (task.IsWaiting || task.IsRunning);

    /// <summary>True while it waits.</summary>
    public bool IsWaiting => _task is { IsWaiting: true };

    /// <summary>True for the task that runs alone, or is to.</summary>
    public bool Is(HeldTask task) => task == _task;

    /// <summary>False if there is another one already.</summary>
    public bool TryTake(HeldTask task)
    {
        if (IsThere)
        {
            return false;
        }

        (_task, _isStarted, _takenAt) = (task, false, worker.Options.Time.GetTimestamp());
        return true;
    }

    /// <summary>Begins with it, if it waits and nothing else is held.</summary>
    public void StartIfAlone(Action<HeldTask> start)
    {
        if (_isStarted || _task is not { IsWaiting: true } task)
        {
            return;
        }

        if (worker.Held.Count > 1)
        {
            if (worker.Options.Time.GetElapsedTime(_takenAt) >= LongestWait && task.TryTakeBack())
            {
                giveBack(task, NextTry);
            }

            return;
        }

        try
        {
            // A lost claim is noticed by the next heartbeat too, and dealt with there.
            if (worker.TryBegin(task))
            {
                _isStarted = true;
                start(task);
            }
        }
        catch (Exception error)
        {
            // Any error: the worker goes on to claim.
            worker.Failed("A task that has to run alone waits until its beginning can be written", error);
        }
    }
}
