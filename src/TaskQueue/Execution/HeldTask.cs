namespace TaskQueue;

/// <summary>
/// A task that a worker or a session has claimed, from the claim until its outcome is committed: where its handler stands, why it is
/// to be stopped, and what becomes of it. The handler of a session is its script.
/// </summary>
/// <param name="task">The task as it was claimed.</param>
/// <param name="options">How the worker works, and for how long the claim holds.</param>
/// <param name="claimedAt">Both clocks before the claim; see <see cref="LeaseClock.Mark"/>.</param>
internal sealed class HeldTask(QueueTask task, WorkerOptions options, (long Timestamp, DateTimeOffset WallTime) claimedAt)
{
    // Enough for a message and its traceback; a message must never be the reason that an end state cannot be kept.
    private const int LongestMessage = 64 * 1024;

    private readonly Lock _gate = new();
    private (long Timestamp, DateTimeOffset WallTime) _renewedAt = claimedAt;
    private HeldLoad? _load;
    private Phase _phase;
    private StopReason _reason;
    private long _startedAt;
    private long? _cancelledAt;
    private long? _killAt;
    private bool _wasKilled;
    private volatile bool _isAsClaimed = true;

    private enum Phase
    {
        Waiting,
        Running,
        Ended,
        Abandoned,
    }

    public QueueTask Task => Execution.Task;

    public Guid Token { get; } = task.ClaimToken!.Value;

    /// <summary>How long each renewal of its lease holds.</summary>
    public TimeSpan LeaseTime => options.LeaseTime;

    public TaskExecution Execution { get; } = new(task);

    /// <summary>The queue knows that the attempt has begun.</summary>
    public bool IsKnownToHaveBegun { get; set; } = task.BegunAt is not null;

    /// <summary>
    /// True if its lease has run out, by one of the clocks, without a renewal that is known of: another worker may run the task by now.
    /// </summary>
    public bool IsLeaseOver
    {
        get
        {
            lock (_gate)
            {
                return ElapsedSince(_renewedAt.Timestamp) >= LeaseTime || options.Time.GetUtcNow() - _renewedAt.WallTime >= LeaseTime;
            }
        }
    }

    /// <summary>How long its handler has run; to be asked once it has begun.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return ElapsedSince(_startedAt);
            }
        }
    }

    /// <summary>True while it waits for a slot.</summary>
    public bool IsWaiting => In(Phase.Waiting);

    /// <summary>True while a slot runs it.</summary>
    public bool IsRunning => In(Phase.Running);

    /// <summary>Counts the task in this load from now on.</summary>
    public void CountIn(HeldLoad load)
    {
        lock (_gate)
        {
            _load = load;
            load.Change(_phase is Phase.Waiting ? 1 : 0, _phase is Phase.Running ? 1 : 0);
        }
    }

    /// <summary>Notes a renewal of its lease that began at <paramref name="mark"/>.</summary>
    public void LeaseRenewed((long Timestamp, DateTimeOffset WallTime) mark)
    {
        lock (_gate)
        {
            _renewedAt = mark;
        }
    }

    /// <summary>To be called before a heartbeat: <see cref="Task"/> is not the task as it stands in the queue any more.</summary>
    public void WillBeWritten() => _isAsClaimed = false;

    /// <summary>For a slot: false if it was taken back before it began.</summary>
    public bool TryStart()
    {
        lock (_gate)
        {
            if (_phase is not Phase.Waiting)
            {
                return false;
            }

            Enter(Phase.Running);
            _startedAt = Now;
            return true;
        }
    }

    /// <summary>True if it had not begun. It never will: the caller decides what becomes of it.</summary>
    public bool TryTakeBack()
    {
        lock (_gate)
        {
            if (_phase is not Phase.Waiting)
            {
                return false;
            }

            Enter(Phase.Ended);
            return true;
        }
    }

    /// <summary>For a session: ends the claim here.</summary>
    public void LetGo()
    {
        lock (_gate)
        {
            Enter(Phase.Ended);
        }
    }

    /// <summary>Stops the handler: cancels it now, and kills it after the grace period. False if no handler runs.</summary>
    /// <param name="reason">Why. A stronger reason replaces a weaker one.</param>
    /// <param name="grace">The time between cancelling and killing, if the handler can know that it was cancelled.</param>
    public bool RequestStop(StopReason reason, TimeSpan grace)
    {
        lock (_gate)
        {
            if (_phase is not Phase.Running)
            {
                return false;
            }

            _reason = reason > _reason ? reason : _reason;
            var killAt = Now + Ticks(Execution.KnowsCancellation ? grace : TimeSpan.Zero);
            _killAt = _killAt < killAt ? _killAt : killAt;
            if (_cancelledAt is null)
            {
                _cancelledAt = Now;
                Execution.RequestCancellation();
            }

            return true;
        }
    }

    /// <summary>Takes the next step that is due: time-out, kill, abandonment. The ending is not null if the handler was given up.</summary>
    public HeldTaskEnding? Advance()
    {
        lock (_gate)
        {
            if (_phase is not Phase.Running)
            {
                return null;
            }

            if (Task.Timeout is { } timeout && _reason is StopReason.None && ElapsedSince(_startedAt) >= timeout)
            {
                RequestStop(StopReason.TimedOut, options.GracePeriod);
            }

            if (!_wasKilled && _killAt <= Now)
            {
                _wasKilled = true;
                Execution.RequestKill();
            }

            if (_wasKilled && ElapsedSince(_killAt!.Value) >= options.KillPeriod)
            {
                Enter(Phase.Abandoned);
                return Ending(null);
            }

            return null;
        }
    }

    /// <summary>How long until <see cref="Advance"/> has something to do; null for nothing in sight.</summary>
    public TimeSpan? UntilNextStep
    {
        get
        {
            lock (_gate)
            {
                return this switch
                {
                    { _phase: not Phase.Running } => null,
                    { _wasKilled: true } => options.KillPeriod - ElapsedSince(_killAt!.Value),
                    { _killAt: { } killAt } => -ElapsedSince(killAt),
                    { Task.Timeout: { } timeout } => timeout - ElapsedSince(_startedAt),
                    _ => null,
                };
            }
        }
    }

    /// <summary>For the slot: the handler has returned. False if it was given up before.</summary>
    /// <param name="outcome">What it returned.</param>
    /// <param name="ended">
    /// Called with the ending before the task counts as ended: after that, whoever takes it may be closed. Must not block.
    /// </param>
    public bool End(HandlerOutcome outcome, Action<HeldTaskEnding> ended)
    {
        lock (_gate)
        {
            if (_phase is not Phase.Running)
            {
                return false;
            }

            ended(Ending(outcome));
            Enter(Phase.Ended);
            return true;
        }
    }

    private long Now => options.Time.GetTimestamp();

    private bool In(Phase phase)
    {
        lock (_gate)
        {
            return _phase == phase;
        }
    }

    private void Enter(Phase phase)
    {
        _load?.Change(
            (phase is Phase.Waiting ? 1 : 0) - (_phase is Phase.Waiting ? 1 : 0),
            (phase is Phase.Running ? 1 : 0) - (_phase is Phase.Running ? 1 : 0));
        _phase = phase;
    }

    private TimeSpan ElapsedSince(long since) => options.Time.GetElapsedTime(since);

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * options.Time.TimestampFrequency);

    // Once a handler was told to end, its outcome no longer counts: a program that exits with 0 on a signal has not done its work.
    private HeldTaskEnding Ending(HandlerOutcome? outcome) => new(
        this,
        _reason switch
        {
            StopReason.None => ChangeFor(outcome!),
            StopReason.Drained when outcome is not null => new ReleaseTask(Task.Id, Token),
            // Most workers' processes end now, and the handler with them. The delay keeps the next attempt from running beside this one.
            StopReason.Drained => new ReleaseTask(
                Task.Id,
                Token,
                options.LeaseTime,
                $"its {IgnoresStop}; due again in {Duration.Format(LeaseTime)}"),
            StopReason.TimedOut => Fail(
                outcome is null
                    ? $"{TimedOut}; its {IgnoresStop}, so it is not tried again"
                    : TimedOut,
                doNotRetry: outcome is null),
            _ => null,
        },
        _reason is StopReason.Forced
            ? new StopReceipt(
                Task.Id,
                Token,
                outcome is null ? StopOutcome.Ignored : _wasKilled ? StopOutcome.Killed : StopOutcome.Ended,
                ElapsedSince(_cancelledAt!.Value))
            : null);

    private static string IgnoresStop => $"handler ignores the stop and still runs in process {Environment.ProcessId}";

    private string TimedOut => $"Timed out after {Duration.Format(Task.Timeout!.Value)}";

    private WorkerChange ChangeFor(HandlerOutcome outcome)
    {
        if (!outcome.IsSuccess)
        {
            return Fail(outcome.ErrorMessage!, outcome.DoNotRetry);
        }

        var complete = new CompleteTask(Task.Id, Token, outcome.ResultJson) { Claimed = _isAsClaimed ? Task : null };
        try
        {
            complete.Validate();
            return complete;
        }
        catch (TaskValidationException error)
        {
            // An end state must not be lost because a result cannot be kept.
            return Fail($"The handler succeeded, and its result cannot be kept: {error.Message}", doNotRetry: true);
        }
    }

    private FailTask Fail(string message, bool doNotRetry) => new(
        Task.Id,
        Token,
        message.Length <= LongestMessage ? message : message[..LongestMessage] + "…",
        options.Backoff.Delay(Task.RetryCount, Random.Shared.NextDouble()),
        doNotRetry);
}

/// <summary>Why a handler is stopped, the strongest reason last.</summary>
internal enum StopReason
{
    None,

    /// <summary>The worker ends: the task goes back to pending.</summary>
    Drained,

    /// <summary>The task's own time-out: a failure.</summary>
    TimedOut,

    /// <summary>The claim is gone and nobody asks for a receipt: nothing is left to write.</summary>
    ClaimLost,

    /// <summary>An operator or another worker took the claim, and gets a receipt.</summary>
    Forced,
}

/// <summary>What is left to write when a task has ended at its worker.</summary>
/// <param name="Held">The task; null for a stop of one that this worker does not hold any more.</param>
/// <param name="Change">Its outcome; null if the claim is gone.</param>
/// <param name="Receipt">The answer to a stop; null if there was none.</param>
internal sealed record HeldTaskEnding(HeldTask? Held, WorkerChange? Change, StopReceipt? Receipt);
