namespace TaskQueue;

/// <summary>
/// Runs the tasks of a queue: claims, runs them in slots, keeps their leases, completes them, and takes back those of workers
/// that died. Ends when it is told to, or as <see cref="WorkerOptions"/> say.
/// </summary>
public sealed class QueueWorker : IDisposable
{
    // A handler that was not done when the grace period ended gets this for a last word.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);

    // How long a worker that ends goes on trying to write outcomes to a queue that is out of reach.
    private static readonly TimeSpan LongestFinish = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan EndPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan WarnPeriod = TimeSpan.FromSeconds(30);

    // Warnings name tasks and errors: without a bound a worker that runs for months would remember all it ever said.
    private const int MostRemembered = 1000;

    private readonly ITaskStore _store;
    private readonly IReadOnlyDictionary<string, ITaskHandler> _handlers;
    private readonly WorkerOptions _options;
    private readonly Operation _operation;
    private readonly HeldTasks _held = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _draining = new();
    private readonly ManualResetEventSlim _stoppingNow = new();
    private readonly Dictionary<string, long> _warnedAt = new(StringComparer.Ordinal);
    private volatile WorkerThread? _leases;
    private long _done;
    private long _failed;
    private long _retried;

    /// <param name="store">The queue; stays the caller's.</param>
    /// <param name="handlers">A handler for each type, case-sensitive, and for <see cref="HandledTypes.AllOthers"/>.</param>
    /// <param name="options">How to work.</param>
    /// <param name="actor">Who starts it: under this name failures, recoveries and stops stand in the log.</param>
    /// <exception cref="TaskValidationException">The options or the types are out of range.</exception>
    public QueueWorker(ITaskStore store, IReadOnlyDictionary<string, ITaskHandler> handlers, WorkerOptions options, Actor actor)
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

        _store = store;
        _handlers = handlers;
        _options = options;
        _operation = new Operation { Kind = Operation.Work, Actor = actor };
    }

    /// <summary>Which worker this is.</summary>
    public WorkerIdentity Identity { get; } = HostProcesses.NewWorkerIdentity();

    /// <summary>Called, on a thread of the worker and one call at a time, with each task once its success or final failure is committed. Must not block: leases and stops would wait behind it.</summary>
    public Action<QueueTask>? Finished { get; init; }

    /// <summary>Called as <see cref="Finished"/> is, with each task whose failure is followed by another try; its DueAt says when.</summary>
    public Action<QueueTask>? Retried { get; init; }

    /// <summary>Called, on a thread of the worker, with what an operator should know: a queue out of reach, a handler that ignores its stop. Must not block.</summary>
    public Action<string>? Warned { get; init; }

    /// <summary>Asked before each claim: false makes the worker wait with it, as long as nobody takes what it has finished. Must not block.</summary>
    public Func<bool>? MayClaim { get; init; }

    /// <summary>The figures since the start.</summary>
    public WorkerCounts Counts => new(Interlocked.Read(ref _done), Interlocked.Read(ref _failed), Interlocked.Read(ref _retried), _held.Load.Running);

    /// <summary>Asks for the end: no new claims, running tasks get the grace period, what is left is released. From any thread, at once.</summary>
    public void Drain()
    {
        _draining.Set();
        try
        {
            _wake.Set();
        }
        catch (ObjectDisposedException)
        {
            // It has ended. A signal of the system may come late, and what is thrown at it ends the process.
        }

        // At once: whoever sends a signal may soon kill, and what is killed while it drains is not held against its tasks.
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
        _store.Workers.Put(Record(), CancellationToken.None);
        using var writer = new OutcomeWriter(_store, _operation, OnWritten, Warn);
        using var slots = new TaskSlots(_options.Concurrency, _handlers, ending => OnEnded(writer, ending), Warn);
        using var ladder = new StopLadder(_held, ending => OnAbandoned(slots, writer, ending), Warn);
        using var supervisor = new StopSupervisor(
            _store, _held, _options, Record, new(ending => OnEnded(writer, ending), ladder.Wake, OnStopRequested, Warn));
        using var leases = new LeaseKeeper(_store, _held, _options, _operation, Record, supervisor.Suspect, Warn);
        string[] types = [.. _handlers.Keys];
        var rescue = new Rescue(_store, _held.Knows, _options, _operation, () => _store.Workers.Put(Record(), CancellationToken.None));
        using var rescuer = new Rescuer(_store, rescue, types, _options, OnLooked, Warn);
        using var dueTimes = new DueTimeKeeper(_store, _options, _operation, Warn);
        using var watch = new ChangeWatch(_store, () => OnChanged(supervisor), Warn);
        var claimer = new TaskClaimer(
            _store, new(_store, types, _options.Time), _options, Identity, _held, _wake, new(_operation, MayClaim ?? (() => true), () => rescuer.LastLook, (held, delay) => GiveBack(writer, held, delay), Warn));
        _leases = leases;
        ladder.Start();
        supervisor.Start();
        leases.Start();
        rescuer.Start();
        dueTimes.Start();
        watch.Start();
        try
        {
            claimer.Run(_draining, slots.Enqueue);
            _draining.Set();
            EndTasks(writer, ladder);
        }
        finally
        {
            // Also where claiming ended by an error: what runs is stopped and released.
            StopNow();
            EndTasks(writer, ladder);
            // No more stops are taken, and no handler is given up any more: what they end with goes the way of the outcomes.
            supervisor.Dispose();
            ladder.Dispose();
            var isSettled = writer.Finish(LongestFinish) & claimer.TryRelease();
            // Only now: until the last outcome is written, its lease must hold.
            leases.Dispose();
            if (isSettled)
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
    private void EndTasks(OutcomeWriter writer, StopLadder ladder)
    {
        foreach (var held in _held.All.Where(held => held.TryTakeBack()))
        {
            GiveBack(writer, held, TimeSpan.Zero);
        }

        var started = _options.Time.GetTimestamp();
        while (_held.HasActive && !_stoppingNow.IsSet && _options.Time.GetElapsedTime(started) < _options.GracePeriod)
        {
            WaitHandle.WaitAny([_wake, _stoppingNow.WaitHandle], EndPause);
        }

        // Again and again until none is left: the second Ctrl+C takes the last word away from those that have it.
        while (_held.HasActive)
        {
            foreach (var held in _held.All)
            {
                held.RequestStop(StopReason.Drained, _stoppingNow.IsSet ? TimeSpan.Zero : LastWord);
            }

            ladder.Wake();
            _wake.WaitOne(EndPause);
        }
    }

    private void OnChanged(StopSupervisor supervisor)
    {
        _wake.Set();
        supervisor.Wake();
    }

    private static void GiveBack(OutcomeWriter writer, HeldTask held, TimeSpan delay) =>
        writer.Add(new HeldTaskEnding(held, new ReleaseTask(held.Task.Id, held.Token, delay), null));

    /// <summary>A worker that ends when there is nothing more waits for this.</summary>
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
        Warn($"The handler of '{ending.Held!.Task.Id}' ignores its stop: it goes on in process {Environment.ProcessId} until that ends. Its slot was replaced.");
        // The outcome first: a thread may be refused by the system.
        OnEnded(writer, ending);
        slots.AddSlot();
    }

    private void OnStopRequested(WorkerStop stop)
    {
        if (stop is WorkerStop.Force)
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
                Warn($"The result of '{late.Id}' came too late, since its claim had been taken. It is kept in the task's history.");
                break;
            default:
                break;
        }
    }

    /// <summary>Who stopped the task has written its end, which is the end of this attempt too.</summary>
    private void CountStopped(string id)
    {
        if (_store.Find(id, CancellationToken.None) is { Status: QueueTaskStatus.Failed } failed)
        {
            Count(failed);
        }
    }

    private void Count(QueueTask task)
    {
        switch (task.Status)
        {
            case QueueTaskStatus.Success:
                Interlocked.Increment(ref _done);
                Finished?.Invoke(task);
                break;
            case QueueTaskStatus.Failed:
                Interlocked.Increment(ref _failed);
                Finished?.Invoke(task);
                break;
            case QueueTaskStatus.Retry:
                Interlocked.Increment(ref _retried);
                Retried?.Invoke(task);
                break;
            default:
                break;
        }
    }

    /// <summary>Hands a warning on, the same one not more often than anybody wants to read it. Never throws: nobody else could be told.</summary>
    private void Warn(string message)
    {
        lock (_warnedAt)
        {
            if (_warnedAt.TryGetValue(message, out var last) && _options.Time.GetElapsedTime(last) < WarnPeriod)
            {
                return;
            }

            if (_warnedAt.Count >= MostRemembered)
            {
                _warnedAt.Clear();
            }

            _warnedAt[message] = _options.Time.GetTimestamp();
        }

        try
        {
            Warned?.Invoke(message);
        }
        catch (Exception)
        {
            // Whoever listens has failed, or does not listen any more.
        }
    }

    private void TryLeave()
    {
        try
        {
            // Whoever waits for a stop that came too late to be taken shall not wait in vain.
            var late = _store.Workers.TakeStops(Identity.Id, CancellationToken.None);
            _store.Workers.ConfirmStops(
                [.. late.Select(stop => new StopReceipt(stop.TaskId, stop.Token, StopOutcome.NotRunning, TimeSpan.Zero))], _operation, CancellationToken.None);
            _store.Workers.Remove(Identity.Id, CancellationToken.None);
        }
        catch (Exception)
        {
            // It stays behind as a dead worker that holds nothing, and is taken out with the others.
        }
    }
}

/// <summary>A worker's figures since it started.</summary>
/// <param name="Done">Tasks that succeeded.</param>
/// <param name="Failed">Tasks that failed for good.</param>
/// <param name="Retried">Failures that are followed by another try.</param>
/// <param name="Running">Handlers that run now.</param>
public readonly record struct WorkerCounts(long Done, long Failed, long Retried, int Running);
