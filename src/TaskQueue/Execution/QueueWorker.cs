namespace TaskQueue;

/// <summary>
/// Runs the tasks of a queue: claims, runs them in slots, keeps their leases, completes them, and takes back those of workers
/// that died. Ends when it is told to, or as <see cref="WorkerOptions"/> say.
/// </summary>
public sealed class QueueWorker : IDisposable
{
    // A handler that still runs when the grace period ends has this much time left.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);

    // How long a worker that ends goes on trying to write outcomes to a queue that is out of reach.
    private static readonly TimeSpan LongestFinish = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan EndPause = TimeSpan.FromMilliseconds(100);

    private readonly ClaimHolder _worker;
    private readonly IReadOnlyDictionary<string, ITaskHandler> _handlers;
    private readonly WorkerOptions _options;
    private readonly WorkerWarnings _warnings;
    private readonly HeldTasks _held;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _draining = new();
    private readonly ManualResetEventSlim _stoppingNow = new();
    private volatile WorkerThread? _leases;
    private readonly WorkerFigures _figures = new();

    /// <param name="source">The queue; stays the caller's.</param>
    /// <param name="handlers">A handler for each type, case-sensitive, and for <see cref="HandledTypes.AllOthers"/>.</param>
    /// <param name="options">How to work.</param>
    /// <param name="actor">Who starts it: under this name failures, recoveries and stops stand in the log.</param>
    /// <exception cref="TaskValidationException">The options or the types are out of range.</exception>
    public QueueWorker(IWorkSource source, IReadOnlyDictionary<string, ITaskHandler> handlers, WorkerOptions options, Actor actor)
    {
        options.Validate();
        if (handlers.Count == 0)
        {
            throw new TaskValidationException("The worker has no handler.", "Give a handler for each type that it is to run.");
        }

        foreach (var type in handlers.Keys)
        {
            TaskRules.CheckType(type);
        }

        _handlers = handlers;
        _options = options;
        _warnings = new WorkerWarnings(options.Time, () => Warned);
        _worker = new ClaimHolder
        {
            Source = source,
            Identity = Identity,
            Options = options,
            Operation = new NewOperation { Kind = NewOperation.Work, Actor = actor },
            Record = Record,
            Warn = _warnings.Warn,
            Failed = _warnings.Failed,
        };
        _held = _worker.Held;
    }

    /// <summary>Which worker this is.</summary>
    public WorkerIdentity Identity { get; } = HostProcesses.NewWorkerIdentity();

    /// <summary>
    /// Called with each task once its success or final failure is committed, on a thread of the worker, one call at a time. Must not
    /// block: the outcomes of other tasks would wait behind it.
    /// </summary>
    public Action<QueueTask>? Finished { get; init; }

    /// <summary>
    /// Called as <see cref="Finished"/> is, with each task whose failure is followed by another try; its DueAt says when.
    /// </summary>
    public Action<QueueTask>? Retried { get; init; }

    /// <summary>
    /// Called with what an operator should know, on a thread of the worker: a queue out of reach, a handler that ignores its stop. Must
    /// not block.
    /// </summary>
    public Action<string>? Warned { get; init; }

    /// <summary>
    /// Asked before each claim: false makes the worker wait with it, as long as nobody takes what it has finished. Must not block.
    /// </summary>
    public Func<bool>? MayClaim { get; init; }

    /// <summary>The figures since the start.</summary>
    public WorkerCounts Counts => _figures.Now(_held.Load.Running);

    /// <summary>
    /// Asks for the end: no new claims, running tasks get the grace period, what is left is released. From any thread, at once.
    /// </summary>
    public void Drain()
    {
        _draining.Set();
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // The worker has ended. A signal of the system may come late, and an exception in its handler would end the process.
        }

        // The queue must know at once: a kill may follow soon, and the tasks of a draining worker are not charged for it.
        _leases?.Wake();
    }

    /// <summary>Ends at once: running tasks are stopped and released. From any thread; does not wait.</summary>
    public void StopNow()
    {
        _stoppingNow.Set();
        Drain();
    }

    /// <summary>Works until the end; returns once nothing of the worker runs any more and what it held is finished or released.</summary>
    /// <exception cref="TaskQueueException">The queue cannot be used: it could not be at the start, or is gone or damaged now.</exception>
    public void Run()
    {
        _worker.Register();
        var types = _handlers.Keys.ToArray();
        using var writer = new OutcomeWriter(_worker, OnWritten);
        var ahead = new ClaimAhead(_options);
        using var slots = new TaskSlots(_worker, _handlers, ahead, ending => OnEnded(writer, ending));
        using var watchdog = new HandlerWatchdog(_worker, ending => OnAbandoned(slots, writer, ending));
        var target = new HandlerStops(_worker, new(ending => OnEnded(writer, ending), watchdog.Wake, OnStopRequested));
        using var stops = new StopReceiver(_worker, target);
        using var leases = new LeaseKeeper(_worker, stops.Suspect);
        using var watch = new ChangeWatch(_worker, () => OnChanged(stops));
        using var maintenance = _worker.Source.Maintained is { } store ? new QueueMaintenance(_worker, store, types, OnLooked) : null;
        // Where others maintain the queue, this worker need not wait for a look at it.
        Func<RescueReport?> lastLook = () => maintenance is null ? default(RescueReport) : maintenance.LastLook;
        var claimer = new TaskClaimer(
            _worker,
            new ClaimedTypes(_worker, types),
            ahead,
            _wake,
            new(MayClaim ?? (() => true), lastLook, (held, delay) => GiveBack(writer, held, delay)));
        _leases = leases;
        leases.Expect(_options.LeaseTime);
        watchdog.Start();
        stops.Start();
        leases.Start();
        maintenance?.Start();
        watch.Start();
        try
        {
            claimer.Run(_draining, slots.Enqueue);
            _draining.Set();
            EndTasks(writer, watchdog);
        }
        finally
        {
            // Also after an error in claiming: what runs is stopped and released.
            StopNow();
            EndTasks(writer, watchdog);
            // From here on no stop is taken, and no handler is given up. What they have ended is written as an outcome.
            stops.Dispose();
            watchdog.Dispose();
            var isAllWritten = writer.Finish(LongestFinish) & claimer.TryRelease();
            // Last: the leases must hold until the last outcome is written.
            leases.Dispose();
            if (isAllWritten)
            {
                TryLeave();
            }
        }
    }

    /// <summary>To be called when <see cref="Run"/> has returned.</summary>
    public void Dispose()
    {
        _wake.Dispose();
        _draining.Dispose();
        _stoppingNow.Dispose();
        HostProcesses.FreeWorkerIdentity(Identity);
    }

    private WorkerRecord Record() => new()
    {
        Identity = Identity,
        LeaseTime = _options.LeaseTime,
        Concurrency = _options.Concurrency,
        Types = [.. _handlers.Keys],
        IsDraining = _draining.IsSet,
        ProgressTimeouts = _options.ProgressTimeouts,
    };

    /// <summary>Sees every task off: those that wait go back, those that run get the grace period and are then stopped.</summary>
    private void EndTasks(OutcomeWriter writer, HandlerWatchdog watchdog)
    {
        foreach (var held in _held.TakeBackWaiting())
        {
            GiveBack(writer, held, TimeSpan.Zero);
        }

        var started = _options.Time.GetTimestamp();
        while (_held.HasActive && !_stoppingNow.IsSet && _options.Time.GetElapsedTime(started) < _options.GracePeriod)
        {
            WaitHandle.WaitAny([_wake, _stoppingNow.WaitHandle], EndPause);
        }

        // Repeated until none is left: a second Ctrl+C shortens the time that is left to nothing.
        while (_held.HasActive)
        {
            foreach (var held in _held.All)
            {
                held.RequestStop(StopReason.Drained, _stoppingNow.IsSet ? TimeSpan.Zero : LastWord);
            }

            watchdog.Wake();
            _wake.WaitOne(EndPause);
        }
    }

    private void OnChanged(StopReceiver stops)
    {
        _wake.Set();
        stops.Wake();
    }

    private static void GiveBack(OutcomeWriter writer, HeldTask held, TimeSpan delay) =>
        writer.Add(new HeldTaskEnding(held, new ReleaseTask(held.Task.Id, held.Token, delay, HasBegun: false), null));

    /// <summary>A worker that ends when the queue is empty waits for this.</summary>
    private void OnLooked()
    {
        if (_options.EndsWhenEmpty)
        {
            _wake.Set();
        }
    }

    private void OnEnded(OutcomeWriter writer, HeldTaskEnding ending)
    {
        writer.Add(ending);
        // The slot is free: the next claim need not wait until the outcome is committed.
        _wake.Set();
    }

    private void OnAbandoned(TaskSlots slots, OutcomeWriter writer, HeldTaskEnding ending)
    {
        _worker.Warn(
            $"The handler of '{ending.Held!.Task.Id}' ignores its stop: it goes on in process {Environment.ProcessId} until that ends. "
            + "Its slot was replaced.");
        // The outcome goes first: the system may refuse a new thread.
        OnEnded(writer, ending);
        slots.AddSlot();
    }

    private void OnStopRequested(WorkerStopMode stop)
    {
        if (stop is WorkerStopMode.Force)
        {
            StopNow();
        }
        else
        {
            Drain();
        }
    }

    private void OnWritten(HeldTaskEnding ending, TaskOutcome? outcome)
    {
        if (ending.Held is { } held)
        {
            _held.Remove(held);
            _wake.Set();
        }

        switch (outcome)
        {
            case { Kind: TaskOutcomeKind.Applied, Task: { } task }:
                Count(task);
                break;
            case null when ending is { Held: { } stopped, Receipt: not null }:
                CountStopped(stopped.Task.Id);
                break;
            case not null when ending.Change is { CarriesResult: true } late:
                _worker.Warn($"The result of '{late.Id}' came too late, since its claim had been taken. It is kept in the task's history.");
                break;
            default:
                break;
        }
    }

    /// <summary>The stop has ended the task in the queue. That is the end of this attempt too.</summary>
    private void CountStopped(string id)
    {
        if (_worker.Source.Find(id, CancellationToken.None) is { Status: QueueTaskStatus.Failed } failed)
        {
            Count(failed);
        }
    }

    private void Count(QueueTask task)
    {
        _figures.Count(task.Status);
        if (task.Status is QueueTaskStatus.Success or QueueTaskStatus.Failed)
        {
            Finished?.Invoke(task);
        }
        else if (task.Status is QueueTaskStatus.Retry)
        {
            Retried?.Invoke(task);
        }
    }

    private void TryLeave()
    {
        try
        {
            _worker.Leave();
        }
        catch (Exception)
        {
            // The worker stays in the list as a dead one that holds nothing, and is pruned with the others.
        }
    }
}
