using System.Collections.Concurrent;

namespace TaskQueue;

/// <summary>
/// Commits how tasks ended: what ends at the same time in one transaction. A queue that is out of reach is tried again until it
/// answers. An outcome is dropped only when the worker must end without it.
/// </summary>
internal sealed class OutcomeWriter : IDisposable
{
    private const int LargestGroup = 500;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<HeldTaskEnding> _endings = [];
    private readonly ClaimHolder _worker;
    private readonly Action<HeldTaskEnding, TaskOutcome?> _written;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly Thread _thread;

    /// <param name="worker">The worker.</param>
    /// <param name="written">
    /// Called on the writer's thread after the commit, with each outcome; with null for a task whose claim was gone.
    /// </param>
    public OutcomeWriter(ClaimHolder worker, Action<HeldTaskEnding, TaskOutcome?> written)
    {
        _worker = worker;
        _written = written;
        _thread = new Thread(Work) { IsBackground = true, Name = "TaskQueue outcomes" };
        _thread.Start();
    }

    public void Add(HeldTaskEnding ending) => _endings.Add(ending);

    /// <summary>Writes what is left; false if the queue was out of reach for so long that outcomes were dropped.</summary>
    public bool Finish(TimeSpan longest)
    {
        _endings.CompleteAdding();
        if (!_thread.Join(longest))
        {
            _giveUp.Cancel();
            _thread.Join();
        }

        return !_giveUp.IsCancellationRequested;
    }

    public void Dispose()
    {
        Finish(TimeSpan.Zero);
        _endings.Dispose();
        _giveUp.Dispose();
    }

    private void Work()
    {
        foreach (var first in _endings.GetConsumingEnumerable())
        {
            List<HeldTaskEnding> group = [first];
            while (group.Count < LargestGroup && _endings.TryTake(out var next))
            {
                group.Add(next);
            }

            // The changes come first: a receipt says that nothing of the task runs any more.
            var changing = group.Where(ending => ending.Change is not null).ToList();
            var outcomes = changing.Count == 0
                ? []
                : Persist(() => Change(changing)) ?? [];
            var receipts = group.Where(ending => ending.Receipt is not null).Select(ending => ending.Receipt!).ToList();
            if (receipts.Count > 0)
            {
                Persist(() =>
                {
                    _worker.Source.Workers.ConfirmStops(receipts, _worker.Operation, CancellationToken.None);
                    return receipts;
                });
            }

            foreach (var (ending, outcome) in changing.Zip(outcomes))
            {
                Tell(ending, outcome);
            }

            foreach (var ending in group.Where(ending => ending.Change is null))
            {
                Tell(ending, null);
            }
        }
    }

    private IReadOnlyList<TaskOutcome> Change(List<HeldTaskEnding> endings) =>
        _worker.Source.Change([.. endings.Select(ending => ending.Change!)], _worker.Operation, CancellationToken.None);

    private void Tell(HeldTaskEnding ending, TaskOutcome? outcome)
    {
        try
        {
            _written(ending, outcome);
        }
        catch (Exception error)
        {
            // The outcome is written already. A listener that fails does not change that.
            _worker.Failed("What listens to the worker has failed", error);
        }
    }

    /// <summary>
    /// Repeats a write until it is committed, which is safe: it finds its own token and outcome. Null once the worker gave up.
    /// </summary>
    private T? Persist<T>(Func<T> write)
        where T : class
    {
        for (var pause = TimeSpan.FromMilliseconds(50); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return write();
            }
            catch (Exception error) when (!_giveUp.IsCancellationRequested)
            {
                // Any error: an outcome must not be lost by one that nobody has foreseen.
                _worker.Failed("Outcomes wait to be written", error);
                _giveUp.Token.WaitHandle.WaitOne(pause);
            }
            catch (Exception error)
            {
                _worker.Failed("Outcomes could not be written, and their tasks will be recovered", error);
                return null;
            }
        }
    }
}
