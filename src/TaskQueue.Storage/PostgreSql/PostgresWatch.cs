namespace TaskQueue.Storage;

/// <summary>
/// Calls back after changes of the queue: at once for those others tell of, and within a quarter of a second for all, since then the
/// numbers of the server's transactions have moved on. One connection serves all of a process who watch; it is there while any does, and a
/// quarter of a second longer, for who comes next.
/// </summary>
/// <param name="server">The connections.</param>
internal sealed class PostgresWatch(PostgresServer server) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<Watcher> _watchers = [];
    private bool _isListening;
    private volatile bool _onlyLooks;
    private volatile bool _seesCommits = true;

    /// <summary>From now on changes are looked for only, as behind a pooler: nobody listens for what others tell.</summary>
    public void OnlyLook() => _onlyLooks = true;

    /// <summary>
    /// The same for a server of which it cannot be seen whether anything was committed: a change is taken for possible at each look.
    /// </summary>
    public void LookByTime()
    {
        _seesCommits = false;
        OnlyLook();
    }

    /// <summary>Begins to call <paramref name="changed"/>, on the watching thread; what is committed after this returns is told.</summary>
    public IDisposable Add(Action changed)
    {
        var watcher = new Watcher(this, changed);
        lock (_gate)
        {
            _watchers.Add(watcher);
            if (!_isListening)
            {
                var listener = new PostgresListener(server, !_onlyLooks, _seesCommits, Tell, IsWatched);
                listener.Begin();
                new Thread(listener.Run) { IsBackground = true, Name = "TaskQueue PostgreSQL watch" }.Start();
                _isListening = true;
            }
        }

        return watcher;
    }

    /// <summary>Ends it for all. Does not wait for the listener, which holds its connection a moment longer.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _watchers.Clear();
        }
    }

    private void Remove(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    /// <summary>Asked by the listener, which ends if this is false. The next watch then begins another one.</summary>
    private bool IsWatched()
    {
        lock (_gate)
        {
            return _isListening = _watchers.Count > 0;
        }
    }

    private void Tell()
    {
        Watcher[] watchers;
        lock (_gate)
        {
            watchers = [.. _watchers];
        }

        Array.ForEach(watchers, watcher => watcher.Tell());
    }

    /// <summary>One who watches.</summary>
    private sealed class Watcher(PostgresWatch watch, Action changed) : IDisposable
    {
        // A callback may dispose the watch, and enters here again.
        private readonly object _gate = new();
        private bool _isEnded;

        public void Tell()
        {
            lock (_gate)
            {
                if (!_isEnded)
                {
                    WatcherCall.Make(changed);
                }
            }
        }

        public void Dispose()
        {
            watch.Remove(this);
            lock (_gate)
            {
                _isEnded = true;
            }
        }
    }
}
