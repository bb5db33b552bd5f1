using System.Diagnostics;

namespace TaskQueue.PowerShell;

/// <summary>
/// What a script holds that received tasks from one queue: it stands among the queue's workers, and its leases are renewed in the
/// background while the session lives. Of a task that is stopped it learns too, but only the script can end what it does.
/// </summary>
/// <param name="store">The queue; belongs to the session.</param>
/// <param name="time">By whose clocks leases are renewed.</param>
internal sealed class ClaimSession(ITaskStore store, TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();

    // What went wrong in the background since the last command, each thing once.
    private readonly HashSet<string> _warnings = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, ReceivedTask> _held = [];
    private readonly Operation _operation = new() { Kind = Operation.Work, Actor = Actor.Current("Receive-QueueTask") };
    private SessionKeeper? _keeper;
    private Rescue? _rescue;
    private long? _rescuedAt;
    private volatile bool _takesNoMore;

    public ReceivedTask? Find(string id)
    {
        lock (_gate)
        {
            return _held.Values.FirstOrDefault(held => held.Task.Id == id);
        }
    }

    public bool Holds(Guid token)
    {
        lock (_gate)
        {
            return _held.ContainsKey(token);
        }
    }

    public void Drop(Guid token)
    {
        lock (_gate)
        {
            _held.Remove(token);
        }
    }

    /// <summary>What went wrong in the background since the last call, for the command that runs now to say.</summary>
    public IReadOnlyList<string> TakeWarnings()
    {
        lock (_gate)
        {
            string[] warnings = [.. _warnings];
            _warnings.Clear();
            return warnings;
        }
    }

    /// <summary>Claims up to <paramref name="count"/> due tasks; waits for the first if it is told to.</summary>
    /// <exception cref="TaskStateException">An operator asked the session to take no more tasks.</exception>
    public IReadOnlyList<QueueTask> Receive(
        IReadOnlyList<string> types, int count, TimeSpan leaseTime, bool waits, CancellationToken cancellation)
    {
        using var watch = waits ? new QueueWatch(store) : null;
        Register(types);
        var mayLookAgain = true;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (_takesNoMore)
            {
                throw new TaskStateException(
                    "An operator asked this session to take no more tasks.", "Disconnect-TaskQueue ends the session; then tasks can be received again.");
            }

            // First: what is taken back is due then.
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

                // Taken back is only what two looks have found unrenewed.
                mayLookAgain = false;
                cancellation.WaitHandle.WaitOne(Rescue.Period);
                _rescuedAt = null;
                continue;
            }

            // Looked up each second at the latest: for the claims of others that ran out, and for the request of an operator.
            var longest = TimeSpan.FromSeconds(1);
            watch.Wait(store.NextDue(cancellation) - store.Now is { } due && due < longest ? due : longest, cancellation);
        }
    }

    /// <summary>Puts tasks back to pending.</summary>
    public void Release(IEnumerable<QueueTask> tasks)
    {
        var changes = tasks.Select(task => new ReleaseTask(task.Id, task.ClaimToken!.Value)).ToList();
        changes.ForEach(change => Drop(change.Token));
        if (changes.Count > 0)
        {
            store.Change(changes, _operation, CancellationToken.None);
        }
    }

    public void Dispose()
    {
        _keeper?.Dispose();
        try
        {
            Release(Held().Select(held => held.Task));
            _keeper?.Leave();
        }
#pragma warning disable CA1031 // Called by whatever thread closes the runspace, where nobody catches it.
        catch (Exception)
#pragma warning restore CA1031
        {
            // The queue is out of reach. The leases run out by themselves, and any worker takes the tasks back.
        }

        store.Dispose();
    }

    /// <summary>Among the workers before the first claim: a stop of the task must find whom to tell.</summary>
    private void Register(IReadOnlyList<string> types)
    {
        _keeper ??= new SessionKeeper(store, _operation, Held, Drop, Obey, Warn, time);
        _keeper.Register(types);
    }

    /// <summary>Rescues the tasks of dead workers, as every worker does; true if another look, in a moment, may bring more.</summary>
    private bool TakeBackFromTheDead(IReadOnlyList<string> types)
    {
        if (_rescuedAt is { } last && Stopwatch.GetElapsedTime(last) < Rescue.Period)
        {
            return false;
        }

        _rescuedAt = Stopwatch.GetTimestamp();
        _rescue ??= new Rescue(store, Holds, new WorkerOptions(), _operation, _keeper!.SayThatItLives);
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
        Register(types);
        var request = new ClaimRequest
        {
            Types = types,
            Tokens = ClaimRequest.NewTokens(count),
            Worker = _keeper!.Identity.Name,
            WorkerId = _keeper.Identity.Id,
            LeaseTime = leaseTime,
        };
        var claimed = SuspectsAlone(ClaimSafely(request, cancellation));
        lock (_gate)
        {
            foreach (var task in claimed)
            {
                var held = new ReceivedTask(task, leaseTime);
                _held.Add(held.Token, held);
            }
        }

        if (claimed.Count > 0)
        {
            _keeper.Start();
        }

        return claimed;
    }

    /// <summary>A task that may be what kills its workers is received by itself: the others in its company would be suspected with it.</summary>
    private IReadOnlyList<QueueTask> SuspectsAlone(IReadOnlyList<QueueTask> claimed)
    {
        var suspects = claimed.Where(task => task.RecoveryHistory.IsSuspect(task.StartedAt!.Value)).ToList();
        if (suspects.Count == 0)
        {
            return claimed;
        }

        var received = claimed.Except(suspects).ToList();
        if (received.Count == 0)
        {
            var alone = suspects[0];
            suspects.Remove(alone);
            received.Add(alone);
            store.Change([new HeartbeatTask(alone.Id, alone.ClaimToken!.Value, null, HasBegun: true)], _operation, CancellationToken.None);
        }

        Release(suspects);
        return received;
    }

    private IReadOnlyList<QueueTask> ClaimSafely(ClaimRequest request, CancellationToken cancellation)
    {
        try
        {
            return store.Claim(request, cancellation);
        }
        catch (QueueUnavailableException)
        {
            // The claim may be committed, and only its answer lost: then the tasks are ours.
            var claimed = store.FindClaimed(request.Tokens, cancellation);
            if (claimed.Count == 0)
            {
                throw;
            }

            return claimed;
        }
    }

    private IReadOnlyList<ReceivedTask> Held()
    {
        lock (_gate)
        {
            return [.. _held.Values];
        }
    }

    private void Warn(Exception error)
    {
        lock (_gate)
        {
            _warnings.Add(
                $"What this session holds of '{store.Info.Queue}' could not be kept for a moment: {error.GetType().FullName}: {error.Message}");
        }
    }

    private void Obey(WorkerStop stop)
    {
        _takesNoMore = true;
        if (stop is WorkerStop.Force)
        {
            Release(Held().Select(held => held.Task));
        }
    }
}
