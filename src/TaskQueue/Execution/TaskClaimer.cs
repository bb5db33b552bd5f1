namespace TaskQueue;

/// <summary>
/// Claims tasks for a worker: as many as can start, plus the prefetch, of the types it has handlers for. Waits for changes where
/// there is nothing, and goes on where the queue is out of reach for a while.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="types">What it claims.</param>
/// <param name="ahead">How many tasks it claims beyond those that can start.</param>
/// <param name="wake">Set when there may be something to do.</param>
/// <param name="actions">What the claimer needs of others.</param>
internal sealed class TaskClaimer(
    ClaimHolder worker, ClaimedTypes types, ClaimAhead ahead, AutoResetEvent wake, TaskClaimer.Actions actions)
{
    // A short wait, so that a due time is noticed soon even after the clock was set.
    private static readonly TimeSpan LongestIdle = TimeSpan.FromSeconds(1);

    // On a queue that others keep changing, an empty claim is not repeated with each change.
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(500);

    // A queue that is exchanged is away for a moment; one that is away for longer will not come back.
    private static readonly TimeSpan LongestAbsence = TimeSpan.FromSeconds(10);

    // A worker that lives says so every 20 s.
    private static readonly TimeSpan LongestDoubt = TimeSpan.FromSeconds(30);

    private readonly WorkerOptions _options = worker.Options;
    private readonly HeldTasks _held = worker.Held;
    private readonly ClaimTokens _tokens = new(worker);
    private readonly LoneTask _lone = new(worker, actions.GiveBack);
    private long _lastClaim;
    private long? _absentSince;
    private long? _waitsSince;
    private bool _hasSaidThatItWaits;

    /// <summary>Claims until the worker drains, or until its options say that it is done.</summary>
    /// <param name="draining">Set when no more is to be claimed.</param>
    /// <param name="start">Takes each claimed task, which is among the held ones then.</param>
    public void Run(ManualResetEventSlim draining, Action<HeldTask> start)
    {
        var left = _options.MaxTasks ?? long.MaxValue;
        while (!draining.IsSet && left > 0)
        {
            var (waiting, running) = _held.Load;
            if (running >= _options.Concurrency && ahead.ShouldGiveBack(waiting - (_lone.IsWaiting ? 1 : 0)))
            {
                foreach (var task in _held.All.Where(task => !_lone.Is(task) && task.TryTakeBack()))
                {
                    left++;
                    actions.GiveBack(task, TimeSpan.Zero);
                }

                continue;
            }

            if (_lone.IsThere)
            {
                _lone.StartIfAlone(start);
                wake.WaitOne(waiting > 1 ? ClaimAhead.Horizon : LongestIdle);
                continue;
            }

            var stock = ahead.Count;
            var capacity = _options.Concurrency + stock;
            // Outcomes that wait to be committed take no slot, but must not pile up without bound either.
            var free = (int)Math.Min(left, Math.Min(capacity - waiting - running, (2 * capacity) - _held.Count));
            // With tasks in stock, a claim waits until it is worth a transaction.
            if (free <= 0 || (waiting > 0 && free < stock / 2))
            {
                wake.WaitOne(waiting > 0 ? ClaimAhead.Horizon : LongestIdle);
                continue;
            }

            if (!MayClaim())
            {
                wake.WaitOne(BusyPause);
                continue;
            }

            var wasEmpty = _held.IsEmpty;
            // Asked before the claim, so that the claim includes what this look has taken back.
            var lastLook = actions.LastLook();
            var mark = LeaseClock.MarkOf(_options.Time);
            if (TryClaim(free, beginAtOnce: Math.Max(0, _options.Concurrency - waiting - running)) is not { } claimed)
            {
                draining.Wait(FailurePause);
                continue;
            }

            ahead.Claimed(free, claimed.Count, waiting);
            left -= claimed.Count;
            foreach (var task in claimed.Select(task => new HeldTask(task, _options, mark)).Where(_held.TryAdd))
            {
                if (!task.Task.RecoveryHistory.IsSuspect(task.Task.StartedAt!.Value))
                {
                    start(task);
                }
                else if (!_lone.TryTake(task) && task.TryTakeBack())
                {
                    // Others may run it sooner.
                    left++;
                    actions.GiveBack(task, TimeSpan.Zero);
                }
            }

            _held.EndClaim();

            if (claimed.Count == 0)
            {
                if (wasEmpty && _options.EndsWhenEmpty && IsNothingLeft(lastLook))
                {
                    return;
                }

                Idle();
            }
        }

        // The last of a limited number of tasks have to end too.
        while (!draining.IsSet && _held.HasActive)
        {
            _lone.StartIfAlone(start);
            wake.WaitOne(LongestIdle);
        }
    }

    /// <summary>False while tasks of dead workers may come back: if this run ended now, nobody would run them.</summary>
    private bool IsNothingLeft(RescueReport? lastLook)
    {
        if (lastLook is not { } look || look is { Unrenewed: 0, Doubtful: 0 })
        {
            return lastLook is not null;
        }

        _waitsSince ??= _options.Time.GetTimestamp();
        if (!_hasSaidThatItWaits && (look.Unrenewed > 0 || _options.Time.GetElapsedTime(_waitsSince.Value) >= LongestDoubt))
        {
            _hasSaidThatItWaits = true;
            var counted = Quantity.Of(look.Unrenewed + look.Doubtful, "task", "tasks");
            worker.Warn($"Nothing is due; waiting for the lease of {counted} of a dead worker.");
        }

        return false;
    }

    /// <summary>Releases what an unanswered claim may have taken. False if the queue still does not answer.</summary>
    public bool TryRelease()
    {
        try
        {
            _tokens.ReleaseUnanswered(CancellationToken.None);
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private bool MayClaim()
    {
        try
        {
            return actions.MayClaim();
        }
        catch (Exception error)
        {
            worker.Failed("What listens to the worker has failed", error);
            return true;
        }
    }

    /// <summary>Null if the queue did not answer.</summary>
    private IReadOnlyList<QueueTask>? TryClaim(int count, int beginAtOnce)
    {
        try
        {
            if (_tokens.FindUnanswered(CancellationToken.None) is { Count: > 0 } found)
            {
                return found;
            }

            _lastClaim = _options.Time.GetTimestamp();
            var claimed = _tokens.Claim(count, tokens => Claim(tokens, beginAtOnce));
            _absentSince = null;
            return claimed;
        }
        catch (Exception error)
        {
            ThrowIfGone(error);
            worker.Failed("No tasks can be claimed", error);
            return null;
        }
    }

    private IReadOnlyList<QueueTask> Claim(IReadOnlyList<Guid> tokens, int beginAtOnce)
    {
        var request = new ClaimRequest
        {
            Types = types.Now(),
            Tokens = tokens,
            Worker = worker.Identity.Name,
            WorkerId = worker.Identity.Id,
            BeginAtOnce = beginAtOnce,
            LeaseTime = _options.LeaseTime,
            IsRepeated = !_options.EndsWhenEmpty,
        };
        var claimed = worker.Source.Claim(request, CancellationToken.None);
        return claimed.Count == 0 && types.HaveGrown()
            ? worker.Source.Claim(request with { Types = types.Now() }, CancellationToken.None)
            : claimed;
    }

    private void ThrowIfGone(Exception error)
    {
        // An error that is not ours says nothing about the queue.
        if (error is QueueUnavailableException or not TaskQueueException)
        {
            _absentSince = null;
            return;
        }

        _absentSince ??= _options.Time.GetTimestamp();
        if (_options.Time.GetElapsedTime(_absentSince.Value) >= LongestAbsence)
        {
            throw error;
        }
    }

    private void Idle()
    {
        var pause = LongestIdle;
        try
        {
            if (worker.Source.NextDue(CancellationToken.None) - worker.Source.Now is { } untilDue && untilDue < pause)
            {
                pause = untilDue > TimeSpan.Zero ? untilDue : TimeSpan.Zero;
            }
        }
        catch (Exception)
        {
            // The next claim says what is wrong.
        }

        wake.WaitOne(pause);
        var rest = ShortestIdle - _options.Time.GetElapsedTime(_lastClaim);
        if (rest > TimeSpan.Zero)
        {
            Thread.Sleep(rest);
        }
    }

    /// <summary>What the claimer needs of others.</summary>
    /// <param name="MayClaim">Asked before each claim.</param>
    /// <param name="LastLook">What the last look for dead workers' tasks has left behind.</param>
    /// <param name="GiveBack">A claimed task that will not begin here, and how long it is to wait.</param>
    internal sealed record Actions(Func<bool> MayClaim, Func<RescueReport?> LastLook, Action<HeldTask, TimeSpan> GiveBack);
}
