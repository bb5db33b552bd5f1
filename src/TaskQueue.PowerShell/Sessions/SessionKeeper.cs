using System.Diagnostics;

namespace TaskQueue.PowerShell;

/// <summary>
/// The background thread of a session that holds tasks: says that it lives, renews leases, takes stops. It goes on whatever goes wrong.
/// </summary>
internal sealed class SessionKeeper(
    ITaskStore store,
    Operation operation,
    Func<IReadOnlyList<ReceivedTask>> held,
    Action<Guid> drop,
    Action<WorkerStop> obey,
    Action<Exception> failed,
    TimeProvider time) : IDisposable
{
    /// <summary>For how long a sign of life of the session counts; the leases of its tasks are matters of their own.</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(60);

    // A session that holds nothing any more leaves the list of workers, but not between two tasks of a loop.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Rhythm = TimeSpan.FromSeconds(1);

    // Changes of the queue may come faster than it is worth looking at them.
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private IReadOnlyList<string> _types = [];
    private Thread? _thread;
    private readonly LeaseClock _registration = new(time);

    // Of the keeper's thread alone: it looks each time whether the clock was set.
    private readonly LeaseClock _renewals = new(time);
    private bool _isRegistered;
    private bool _mayHaveMissedStops;
    private long _lastHeld = Stopwatch.GetTimestamp();

    public WorkerIdentity Identity { get; } = HostProcesses.NewWorkerIdentity();

    /// <summary>Stands among the queue's workers from now on.</summary>
    public void Register(IReadOnlyList<string> types)
    {
        lock (_gate)
        {
            _types = [.. _types.Union(types)];
            if (!_isRegistered || _registration.IsRenewalDue(SignOfLife))
            {
                Put();
            }
        }
    }

    /// <summary>Says once more that the session lives.</summary>
    public void SayThatItLives()
    {
        lock (_gate)
        {
            Put();
        }
    }

    /// <summary>Keeps what is held, until nothing is held for a while.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _lastHeld = Stopwatch.GetTimestamp();
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "TaskQueue session" };
                _thread.Start();
            }
        }
    }

    /// <summary>Takes the session out of the queue's workers.</summary>
    public void Leave()
    {
        lock (_gate)
        {
            if (_isRegistered)
            {
                store.Workers.Remove(Identity.Id, CancellationToken.None);
                _isRegistered = false;
            }
        }
    }

    /// <summary>Ends the thread; what is held stays as it is.</summary>
    public void Dispose()
    {
        _closing.Cancel();
        Thread? thread;
        lock (_gate)
        {
            thread = _thread;
        }

        thread?.Join();
        _closing.Dispose();
        HostProcesses.FreeWorkerIdentity(Identity);
    }

    private void Run()
    {
        while (!HasDone())
        {
            try
            {
                using var watch = new QueueWatch(store);
                while (!HasDone())
                {
                    Keep();
                    watch.Wait(Rhythm, _closing.Token);
                    _closing.Token.WaitHandle.WaitOne(ShortestPause);
                }
            }
            catch (TaskQueueException)
            {
                // The queue is out of reach: leases are long against this pause, and their end is not ours to decide.
                _closing.Token.WaitHandle.WaitOne(Rhythm);
            }
            catch (OperationCanceledException) when (_closing.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process, and the script with it.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failed(error);
                _closing.Token.WaitHandle.WaitOne(Rhythm);
            }
        }
    }

    /// <summary>True, and no thread any more, once nothing was held for a while.</summary>
    private bool HasDone()
    {
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
            {
                return true;
            }

            if (held().Count > 0)
            {
                _lastHeld = Stopwatch.GetTimestamp();
                return false;
            }

            if (_thread is not null && Stopwatch.GetElapsedTime(_lastHeld) < Linger)
            {
                return false;
            }

            try
            {
                Leave();
            }
#pragma warning disable CA1031 // On a thread of its own it would end the process.
            catch (Exception)
#pragma warning restore CA1031
            {
                // It stays in the list until it is pruned.
            }

            _thread = null;
            return true;
        }
    }

    private void Keep()
    {
        Register([]);
        TakeStops();
        Renew();
    }

    private void TakeStops()
    {
        var signals = store.Workers.Signals(Identity.Id, _closing.Token);
        if (!signals.IsKnown)
        {
            lock (_gate)
            {
                Put();
            }
        }

        if (signals.HasStops || _mayHaveMissedStops)
        {
            // Until they are confirmed: an answer that is lost may have been committed, and taken stops are announced no more.
            _mayHaveMissedStops = true;
            var stops = store.Workers.TakeStops(Identity.Id, _closing.Token);
            foreach (var stop in stops)
            {
                drop(stop.Token);
            }

            store.Workers.ConfirmStops(
                [.. stops.Select(stop => new StopReceipt(stop.TaskId, stop.Token, StopOutcome.Told, TimeSpan.Zero))], operation, _closing.Token);
            _mayHaveMissedStops = false;
        }

        if (signals.Stop is not WorkerStop.None)
        {
            obey(signals.Stop);
        }
    }

    private void Renew()
    {
        var mark = _renewals.Mark();
        var now = mark.Timestamp;
        var step = _renewals.Step.Duration();
        // Leases are judged by the wall clock: once it was set, all of them are to hold from now.
        var clockWasSet = _renewals.HaveParted;
        var due = held().Where(task => clockWasSet || task.RenewAt <= now).ToList();
        // The claim itself was the first renewal.
        foreach (var task in due.Where(task => task.RenewAt == 0 && !clockWasSet).ToList())
        {
            Schedule(task, now);
            due.Remove(task);
        }

        if (due.Count > 0)
        {
            Renew(due, step, now);
        }

        _renewals.Renewed(mark);
    }

    private void Renew(IReadOnlyList<ReceivedTask> due, TimeSpan step, long now)
    {
        var outcomes = store.Change(
            [.. due.Select(task => new HeartbeatTask(task.Task.Id, task.Token, task.LeaseTime, ClockWasSet: step >= task.LeaseTime))], operation, _closing.Token);
        foreach (var (task, outcome) in due.Zip(outcomes))
        {
            if (outcome.Kind is TaskOutcomeKind.Applied)
            {
                Schedule(task, now);
            }
            else
            {
                drop(task.Token);
            }
        }
    }

    private static void Schedule(ReceivedTask task, long now) => task.RenewAt = now + (long)(task.LeaseTime.TotalSeconds / LeaseClock.RenewalsInALease * Stopwatch.Frequency);

    private void Put()
    {
        var record = new WorkerRecord
        {
            Identity = Identity,
            Kind = WorkerKind.Session,
            LeaseTime = SignOfLife,
            Concurrency = Math.Max(1, held().Count),
            Types = _types,
        };
        var mark = _registration.Mark();
        store.Workers.Put(record, CancellationToken.None);
        _registration.Renewed(mark);
        _isRegistered = true;
    }
}
