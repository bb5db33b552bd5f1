using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>
/// Learns from the queue what is asked of a holder of claims, and which claims it has lost. On a thread of its own, which writes
/// only when there is a stop to take.
/// </summary>
/// <param name="holder">Who holds the claims.</param>
/// <param name="target">What is done about it.</param>
internal sealed class StopReceiver(ClaimHolder holder, IStopTarget target)
    : WorkerThread("TaskQueue stops", "Stops cannot be learned", holder)
{
    // Only a fallback: a watch tells of a change within 250 ms. An idle worker should cost next to nothing.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // On a busy queue each commit is a change. Most of them are of no interest here.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<HeldTask> _suspects = new();
    private bool _mayHaveMissed;

    /// <summary>A claim whose token was refused, and which has to be checked.</summary>
    public void Suspect(HeldTask task)
    {
        _suspects.Enqueue(task);
        Wake();
    }

    protected override TimeSpan Work()
    {
        Thread.Sleep(ShortestPause);
        TakeSignals();
        return LongestPause;
    }

    private void TakeSignals()
    {
        var worker = Holder.Identity.Id;
        var signals = Holder.Source.Workers.Signals(worker, CancellationToken.None);
        if (!signals.IsKnown)
        {
            Holder.Register();
        }

        if (signals.HasStops || _mayHaveMissed)
        {
            // A stop is announced only until it is taken, and a call whose answer was lost may have taken it.
            _mayHaveMissed = true;
            target.EndTasks(Holder.Source.Workers.TakeStops(worker, CancellationToken.None));
            _mayHaveMissed = false;
        }

        if (signals.Stop is not WorkerStopMode.None)
        {
            target.End(signals.Stop);
        }

        while (_suspects.TryDequeue(out var suspect))
        {
            LookInto(suspect);
        }
    }

    /// <summary>
    /// A lost claim usually has a stop. It counts only once it is delivered: until then it may be withdrawn, and the claim holds again.
    /// Without a stop, the queue was exchanged under the holder.
    /// </summary>
    private void LookInto(HeldTask suspect)
    {
        if ((suspect.IsRunning || suspect.IsWaiting) && Holder.Source.Workers.IsLost(suspect.Token, CancellationToken.None))
        {
            target.EndLost(suspect);
        }
    }
}
