namespace TaskQueue;

/// <summary>
/// The tasks that a script has received from one queue. The session stands among the queue's workers, and renews its leases in the
/// background while it lives. It learns of stops, but only the script can end what it does.
/// </summary>
internal sealed class ClaimSession : IStopTarget, IDisposable
{
    /// <summary>For how long a sign of life of the session counts; the leases of its tasks are matters of their own.</summary>
    private static readonly TimeSpan SignOfLife = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    // What went wrong in the background since the last command, each thing once.
    private readonly HashSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly string _queue;
    private readonly ClaimHolder _session;
    private readonly ClaimTokens _tokens;
    private readonly SessionKeeper _keeper;
    private readonly Rescue? _rescue;
    private long? _rescuedAt;
    private volatile IReadOnlyList<string> _types = [];
    private volatile bool _takesNoMore;

    /// <param name="source">The queue; belongs to the session.</param>
    /// <param name="queue">What the queue is called.</param>
    /// <param name="operation">The session's operation, for the log.</param>
    /// <param name="time">By whose clocks leases are renewed.</param>
    public ClaimSession(IWorkSource source, string queue, NewOperation operation, TimeProvider time)
    {
        _queue = queue;
        _session = new ClaimHolder
        {
            Source = source,
            Identity = HostProcesses.NewWorkerIdentity(),
            Options = new WorkerOptions { Time = time },
            Operation = operation,
            Record = Record,
            Warn = Warn,
            Failed = Failed,
        };
        _tokens = new ClaimTokens(_session);
        _keeper = new SessionKeeper(_session, this);
        _rescue = source.Maintained is { } store ? new Rescue(_session, store) : null;
    }

    /// <summary>The held task of this id; null if it is not held.</summary>
    public QueueTask? Find(string id) => _session.Held.All.FirstOrDefault(held => held.Task.Id == id)?.Task;

    /// <summary>True if the claim is held, or may be in a moment.</summary>
    public bool Holds(Guid token) => _session.Held.Knows(token);

    /// <summary>The claim has ended: its lease is not renewed any more.</summary>
    public void Drop(Guid token)
    {
        if (_session.Held.FindOrRefuse(token) is { } held)
        {
            held.LetGo();
            _session.Held.Remove(held);
        }
    }

    /// <summary>What went wrong in the background since the last call, for the command that runs now to say.</summary>
    public IReadOnlyList<string> TakeWarnings()
    {
        lock (_warnings)
        {
            string[] warnings = [.. _warnings];
            _warnings.Clear();
            return warnings;
        }
    }

    /// <summary>
    /// Claims up to <paramref name="count"/> due tasks; waits for the first if it is told to. Null once an operator has asked the
    /// session to take no more tasks.
    /// </summary>
    public IReadOnlyList<QueueTask>? Receive(
        IReadOnlyList<string> types, int count, TimeSpan leaseTime, bool waits, CancellationToken cancellation)
    {
        using var watch = waits ? new QueueWatch(_session.Source) : null;
        _types = [.. _types.Union(types)];
        var mayLookAgain = true;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_takesNoMore)
            {
                return null;
            }

            _keeper.Begin(leaseTime);
            // First, since what is taken back can be claimed then.
            var isAnyOverdue = TakeBackFromTheDead(types);
            var claimed = Claim(types, count, leaseTime, cancellation);
            if (claimed.Count > 0)
            {
                return claimed;
            }

            if (watch is null)
            {
                if (!isAnyOverdue || !mayLookAgain)
                {
                    return claimed;
                }

                // Only tasks that two looks have found unrenewed are taken back.
                mayLookAgain = false;
                cancellation.WaitHandle.WaitOne(Rescue.Period);
                _rescuedAt = null;
                continue;
            }

            // Looks each second at the latest: for claims of others that have expired, and for an operator's request to end.
            var untilDue = _session.Source.NextDue(cancellation) - _session.Source.Now;
            watch.Wait(untilDue < LongestPause ? untilDue.Value : LongestPause, cancellation);
        }
    }

    /// <summary>Puts tasks back to pending.</summary>
    public void Release(IEnumerable<QueueTask> tasks)
    {
        var changes = tasks.Select(task => new ReleaseTask(task.Id, task.ClaimToken!.Value)).ToList();
        changes.ForEach(change => Drop(change.Token));
        if (changes.Count > 0)
        {
            _session.Source.Change(changes, _session.Operation, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _keeper.Dispose();
        try
        {
            ReleaseAll();
            _tokens.ReleaseUnanswered(CancellationToken.None);
            _session.Leave();
        }
        catch (Exception)
        {
            // The queue is out of reach. The leases run out by themselves, and any worker takes the tasks back. Whoever closes a
            // session may be a thread on which nobody catches anything.
        }

        HostProcesses.FreeWorkerIdentity(_session.Identity);
        _session.Source.Dispose();
    }

    void IStopTarget.EndTasks(IReadOnlyList<TaskStop> stops)
    {
        foreach (var stop in stops)
        {
            Drop(stop.Token);
        }

        _session.Source.Workers.ConfirmStops(
            [.. stops.Select(stop => new StopReceipt(stop.TaskId, stop.Token, StopOutcome.Told, TimeSpan.Zero))],
            _session.Operation,
            CancellationToken.None);
    }

    void IStopTarget.EndLost(HeldTask task) => Drop(task.Token);

    void IStopTarget.End(WorkerStopMode request)
    {
        _takesNoMore = true;
        if (request is WorkerStopMode.Force)
        {
            ReleaseAll();
        }
    }

    private WorkerRecord Record() => new()
    {
        Identity = _session.Identity,
        Kind = WorkerKind.Session,
        LeaseTime = SignOfLife,
        Concurrency = Math.Max(1, _session.Held.Count),
        Types = _types,
    };

    /// <summary>Rescues the tasks of dead workers, as every worker does; true if another look, in a moment, may bring more.</summary>
    private bool TakeBackFromTheDead(IReadOnlyList<string> types)
    {
        var time = _session.Options.Time;
        if (_rescue is null || (_rescuedAt is { } last && time.GetElapsedTime(last) < Rescue.Period))
        {
            return false;
        }

        _rescuedAt = time.GetTimestamp();
        try
        {
            return _rescue.Look(types).IsAnyOverdue;
        }
        catch (Exception)
        {
            // The claim says what is wrong with the queue.
            return false;
        }
    }

    private IReadOnlyList<QueueTask> Claim(IReadOnlyList<string> types, int count, TimeSpan leaseTime, CancellationToken cancellation)
    {
        // They may be of other types than are wanted now. Those that are wanted can be claimed at once.
        _tokens.ReleaseUnanswered(cancellation);
        var options = _session.Options with { LeaseTime = leaseTime };
        var mark = LeaseClock.MarkOf(options.Time);
        var claimed = ClaimSafely(types, count, leaseTime, cancellation).Select(task => new HeldTask(task, options, mark)).ToList();
        // A stop may have come before the answer: then there is nothing left to do.
        var held = claimed.Where(task => task.TryStart() && _session.Held.TryAdd(task)).ToList();
        _session.Held.EndClaim();
        return SuspectsAlone(held);
    }

    /// <summary>A suspect is received alone: tasks received together with it would be suspected too.</summary>
    private IReadOnlyList<QueueTask> SuspectsAlone(List<HeldTask> claimed)
    {
        var suspects = claimed.Where(held => held.Task.RecoveryHistory.IsSuspect(held.Task.StartedAt!.Value)).ToList();
        var received = claimed.Except(suspects).ToList();
        if (received.Count == 0 && suspects.Count > 0)
        {
            var alone = suspects[0];
            suspects.Remove(alone);
            received.Add(alone);
            _session.TryBegin(alone);
        }

        Release(suspects.Select(held => held.Task));
        return [.. received.Select(held => held.Task)];
    }

    private IReadOnlyList<QueueTask> ClaimSafely(
        IReadOnlyList<string> types, int count, TimeSpan leaseTime, CancellationToken cancellation)
    {
        try
        {
            return _tokens.Claim(count, tokens => _session.Source.Claim(
                new ClaimRequest
                {
                    Types = types,
                    Tokens = tokens,
                    Worker = _session.Identity.Name,
                    WorkerId = _session.Identity.Id,
                    LeaseTime = leaseTime,
                },
                cancellation));
        }
        catch (QueueUnavailableException)
        {
            // The claim may be committed although its answer was lost. Then the tasks are ours.
            var claimed = _tokens.FindUnanswered(cancellation);
            if (claimed.Count == 0)
            {
                throw;
            }

            return claimed;
        }
    }

    private void ReleaseAll() => Release(_session.Held.All.Select(held => held.Task));

    private void Failed(string trouble, Exception error)
    {
        // No warning where the queue is out of reach: leases are long, and the next command says what is wrong.
        if (error is not TaskQueueException)
        {
            Warn($"{trouble}: {ErrorText.InALine(error)}");
        }
    }

    private void Warn(string message)
    {
        lock (_warnings)
        {
            _warnings.Add($"What this session holds of '{_queue}' could not be kept for a moment. {message}");
        }
    }
}
