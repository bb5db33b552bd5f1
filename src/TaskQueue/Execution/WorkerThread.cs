namespace TaskQueue;

/// <summary>
/// A duty of a worker or a session on a thread of its own, done again and again until it is disposed. Whatever goes wrong with it is
/// a warning, and the duty goes on.
/// </summary>
internal abstract class WorkerThread : IDisposable
{
    // The queue may be back by then, and others wait for the duty.
    private static readonly TimeSpan FailurePause = TimeSpan.FromMilliseconds(500);

    // A monitor, not an event: it may be woken after it has ended.
    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly string _trouble;
    private bool _isAwake;
    private bool _isEnding;

    /// <param name="name">What a debugger calls the thread.</param>
    /// <param name="trouble">What it means if the duty cannot be done, such as "Leases wait to be renewed".</param>
    /// <param name="holder">Whose duty it is.</param>
    protected WorkerThread(string name, string trouble, ClaimHolder holder)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _trouble = trouble;
        Holder = holder;
    }

    /// <summary>Whose duty it is.</summary>
    protected ClaimHolder Holder { get; }

    /// <summary>Begins; to be called once.</summary>
    public void Start() => _thread.Start();

    /// <summary>Makes the present pause end now. From any thread.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _isAwake = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the thread after what it does now, and waits for that; once more does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        // A thread that was never started cannot be joined.
        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
        {
            _thread.Join();
        }
    }

    /// <summary>Does the duty once and returns how long to pause, unless it is woken before.</summary>
    protected abstract TimeSpan Work();

    /// <summary>Called after <see cref="Work"/> has thrown, before it is done again. Must not throw.</summary>
    protected virtual void OnFailed()
    {
    }

    /// <summary>Called on the thread before it ends.</summary>
    protected virtual void OnEnded()
    {
    }

    private void Run()
    {
        while (!EndsAfter(TryWork()))
        {
        }

        try
        {
            OnEnded();
        }
        catch (Exception error)
        {
            Holder.Failed("A duty of the worker has not ended in good order", error);
        }
    }

    private TimeSpan TryWork()
    {
        try
        {
            return Work();
        }
        catch (Exception error)
        {
            // Any error: on this thread it would end the process, with all that the worker holds.
            OnFailed();
            Holder.Failed(_trouble, error);
            return FailurePause;
        }
    }

    private bool EndsAfter(TimeSpan pause)
    {
        lock (_gate)
        {
            // A spurious wake-up only makes the duty come early.
            if (!_isAwake && !_isEnding && pause > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, pause);
            }

            _isAwake = false;
            return _isEnding;
        }
    }
}
