namespace TaskQueue;

/// <summary>A duty of a worker on a thread of its own, done again and again until it is disposed.</summary>
internal abstract class WorkerThread : IDisposable
{
    // A monitor and no event: it may still be woken after it has ended.
    private readonly object _gate = new();
    private readonly Thread _thread;
    private bool _isAwake;
    private bool _isEnding;

    /// <param name="name">What a debugger calls the thread.</param>
    protected WorkerThread(string name) => _thread = new Thread(Run) { IsBackground = true, Name = name };

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

        _thread.Join();
    }

    /// <summary>Does the duty once and returns how long to pause, unless it is woken before.</summary>
    protected abstract TimeSpan Work();

    private void Run()
    {
        while (!EndsAfter(Work()))
        {
        }
    }

    private bool EndsAfter(TimeSpan pause)
    {
        lock (_gate)
        {
            // A pulse that comes without a reason only makes the duty come a little early.
            if (!_isAwake && !_isEnding && pause > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, pause);
            }

            _isAwake = false;
            return _isEnding;
        }
    }
}
