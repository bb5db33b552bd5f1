using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>The threads that run handlers, each one task at a time, in the order the tasks were claimed.</summary>
internal sealed class TaskSlots : IDisposable
{
    // How soon a renewed lease is noticed.
    private static readonly TimeSpan LeaseCheck = TimeSpan.FromMilliseconds(50);

    private readonly BlockingCollection<HeldTask> _waiting = [];
    private readonly IReadOnlyDictionary<string, ITaskHandler> _handlers;
    private readonly Action<HeldTaskEnding> _ended;
    private readonly ClaimHolder _worker;
    private readonly ClaimAhead _ahead;

    /// <param name="worker">The worker.</param>
    /// <param name="handlers">A handler for each type; see <see cref="HandledTypes"/>.</param>
    /// <param name="ahead">What is told how long handlers take.</param>
    /// <param name="ended">Called on the slot's thread when a handler has returned.</param>
    public TaskSlots(
        ClaimHolder worker, IReadOnlyDictionary<string, ITaskHandler> handlers, ClaimAhead ahead, Action<HeldTaskEnding> ended)
    {
        _ahead = ahead;
        _handlers = handlers;
        _ended = ended;
        _worker = worker;
        for (var slot = 0; slot < worker.Options.Concurrency; slot++)
        {
            AddSlot();
        }
    }

    public void Enqueue(HeldTask held) => _waiting.Add(held);

    /// <summary>Replaces the thread of a handler that ignores its stop.</summary>
    public void AddSlot() => new Thread(Work) { IsBackground = true, Name = "TaskQueue slot" }.Start();

    /// <summary>Lets the threads end once they have nothing to do; does not wait for them.</summary>
    public void Dispose() => _waiting.CompleteAdding();

    private void Work()
    {
        foreach (var held in _waiting.GetConsumingEnumerable())
        {
            WaitForLease(held);
            if (!held.TryStart())
            {
                continue;
            }

            _ahead.Started();
            var outcome = Run(held);
            _ahead.Ended(held.Elapsed);
            if (!TryEnd(held, outcome))
            {
                // The task was given up, and another thread has replaced this one.
                return;
            }
        }
    }

    /// <summary>
    /// After the machine has slept, or the queue was out of reach, another worker may have the task. The next renewal tells: it holds the
    /// lease anew, or the task is taken back.
    /// </summary>
    private static void WaitForLease(HeldTask held)
    {
        while (held is { IsLeaseOver: true, IsWaiting: true })
        {
            Thread.Sleep(LeaseCheck);
        }
    }

    /// <summary>False if the task was given up before. An outcome that cannot be told ends neither the slot nor the process.</summary>
    private bool TryEnd(HeldTask held, HandlerOutcome outcome)
    {
        try
        {
            return held.End(outcome, _ended);
        }
        catch (Exception error)
        {
            // The worker stops it when it ends, and the lease holds until then: the task is not lost.
            _worker.Failed($"The end of '{held.Task.Id}' cannot be told", error);
            return true;
        }
    }

    private HandlerOutcome Run(HeldTask held)
    {
        try
        {
            return HandledTypes.TryFind(_handlers, held.Task.Type, out var handler)
                ? handler.Run(held.Execution) ?? HandlerOutcome.Failure("The handler returned no outcome.")
                : throw new InvalidOperationException($"The worker has no handler for '{held.Task.Type}'.");
        }
        catch (Exception error)
        {
            // Whatever a handler throws is the failure of its task, never of the worker.
            return HandlerOutcome.Failure(ErrorText.InFull(error));
        }
    }
}
