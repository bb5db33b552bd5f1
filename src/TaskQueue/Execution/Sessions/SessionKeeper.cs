namespace TaskQueue;

/// <summary>
/// The duties of a session that receives tasks: its leases are renewed and its stops taken, for as long as it holds tasks and a while
/// longer. That long it stands among the queue's workers.
/// </summary>
internal sealed class SessionKeeper : IDisposable
{
    // A session that holds nothing any more leaves the list of workers, but not between two tasks of a loop.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ClaimHolder _session;
    private readonly IStopTarget _target;
    private readonly ITimer _timer;
    private Duties? _duties;
    private long _usedAt;

    /// <param name="session">Who holds the claims.</param>
    /// <param name="target">What is done about stops.</param>
    public SessionKeeper(ClaimHolder session, IStopTarget target)
    {
        _session = session;
        _target = target;
        _timer = session.Options.Time.CreateTimer(
            static keeper => ((SessionKeeper)keeper!).EndIfIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>
    /// Begins the duties if they have not begun. To be called before each claim, so that a stop of its tasks reaches this session.
    /// </summary>
    /// <param name="leaseTime">How long the leases of the claim are to hold.</param>
    public void Begin(TimeSpan leaseTime)
    {
        lock (_gate)
        {
            _usedAt = _session.Options.Time.GetTimestamp();
            if (_duties is null)
            {
                _session.Register();
                _duties = new Duties(_session, _target);
                _timer.Change(Period, Period);
            }

            _duties.Leases.Expect(leaseTime);
        }
    }

    /// <summary>Ends the duties; what is held stays as it is, and so does the session among the workers.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _duties?.Dispose();
            _duties = null;
        }
    }

    private void EndIfIdle()
    {
        if (!_gate.TryEnter())
        {
            // A claim begins just now.
            return;
        }

        try
        {
            if (!_session.Held.IsEmpty)
            {
                _usedAt = _session.Options.Time.GetTimestamp();
            }
            else if (_duties is { } duties && _session.Options.Time.GetElapsedTime(_usedAt) >= Linger)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _duties = null;
                duties.Dispose();
                _session.Leave();
            }
        }
        catch (Exception)
        {
            // The session stays in the list of workers until it is pruned. An exception on the timer's thread would end the process.
        }
        finally
        {
            _gate.Exit();
        }
    }

    private sealed class Duties : IDisposable
    {
        private readonly StopReceiver _stops;
        private readonly ChangeWatch _watch;

        public Duties(ClaimHolder session, IStopTarget target)
        {
            _stops = new StopReceiver(session, target);
            Leases = new LeaseKeeper(session, _stops.Suspect);
            _watch = new ChangeWatch(session, _stops.Wake);
            _stops.Start();
            Leases.Start();
            _watch.Start();
        }

        public LeaseKeeper Leases { get; }

        public void Dispose()
        {
            _watch.Dispose();
            Leases.Dispose();
            _stops.Dispose();
        }
    }
}
