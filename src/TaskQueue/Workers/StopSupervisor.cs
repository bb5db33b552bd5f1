using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>
/// Learns from the queue what is asked of the worker and of the tasks it holds, and begins the stop of their handlers. On a thread
/// of its own, which writes only when there is a stop to take.
/// </summary>
/// <param name="store">The queue.</param>
/// <param name="held">What the worker holds.</param>
/// <param name="options">How it works.</param>
/// <param name="record">The worker as it is to be known now.</param>
/// <param name="actions">What others do about it.</param>
internal sealed class StopSupervisor(
    ITaskStore store, HeldTasks held, WorkerOptions options, Func<WorkerRecord> record, StopSupervisor.Actions actions)
    : WorkerThread("TaskQueue stops", "Stops cannot be learned", actions.Warn)
{
    // Only a fallback: a store's watch tells of a change within 250 ms, and an idle worker should cost next to nothing.
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // On a busy queue each commit is a change, and most of them are of no interest here.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<HeldTask> _suspects = new();

    // Those that are being seen to: they are handed out again until they are confirmed.
    private readonly HashSet<Guid> _taken = [];
    private bool _mayHaveMissed;

    /// <summary>A claim that did not answer to its token: to be looked into.</summary>
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
        var worker = record().Identity.Id;
        var signals = store.Workers.Signals(worker, CancellationToken.None);
        if (!signals.IsKnown)
        {
            store.Workers.Put(record(), CancellationToken.None);
        }

        if (signals.HasStops || _mayHaveMissed)
        {
            // Until the answer is here: one that is lost may have been committed.
            _mayHaveMissed = true;
            Deliver(store.Workers.TakeStops(worker, CancellationToken.None));
            _mayHaveMissed = false;
        }

        if (signals.Stop is not WorkerStop.None)
        {
            actions.StopWorker(signals.Stop);
        }

        while (_suspects.TryDequeue(out var suspect))
        {
            LookInto(suspect);
        }
    }

    private void Deliver(IReadOnlyList<TaskStop> stops)
    {
        foreach (var stop in stops.Where(stop => _taken.Add(stop.Token)))
        {
            var task = held.FindOrRefuse(stop.Token);
            var wasWaiting = task?.TryTakeBack() == true;
            if (!wasWaiting && task?.RequestStop(StopReason.Forced, options.GracePeriod) == true)
            {
                actions.StopBegan();
                continue;
            }

            // It has not begun or has just ended: nothing of it runs.
            var receipt = new StopReceipt(stop.TaskId, stop.Token, StopOutcome.NotRunning, TimeSpan.Zero);
            actions.Ended(new HeldTaskEnding(wasWaiting ? task : null, null, receipt));
        }
    }

    /// <summary>
    /// A lost claim usually has a stop, which is acted on only once it is delivered: until then it may be withdrawn, and the claim
    /// holds again. What is left is a queue that was exchanged under the worker.
    /// </summary>
    private void LookInto(HeldTask suspect)
    {
        if (!(suspect.IsRunning || suspect.IsWaiting) || !store.Workers.IsLost(suspect.Token, CancellationToken.None))
        {
            return;
        }

        if (suspect.TryTakeBack())
        {
            actions.Ended(new HeldTaskEnding(suspect, null, null));
        }
        else if (suspect.RequestStop(StopReason.ClaimLost, options.GracePeriod))
        {
            actions.StopBegan();
        }
    }

    /// <summary>What the supervisor has others do.</summary>
    /// <param name="Ended">A task has ended without its slot.</param>
    /// <param name="StopBegan">A handler was told to end.</param>
    /// <param name="StopWorker">An operator asked the worker itself to end.</param>
    /// <param name="Warn">An operator should know this.</param>
    internal sealed record Actions(
        Action<HeldTaskEnding> Ended, Action StopBegan, Action<WorkerStop> StopWorker, Action<string> Warn);
}
