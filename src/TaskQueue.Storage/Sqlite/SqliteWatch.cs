using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage;

/// <summary>
/// Calls back after whatever any connection has committed. Writes to the files wake it at once, and what they do not tell it finds
/// by itself: <c>PRAGMA data_version</c> differs after a commit of another connection, of this process or another.
/// </summary>
internal sealed class SqliteWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A file is written before its commit can be seen: the writer still waits for the disk.
    private static readonly TimeSpan LongestCommit = TimeSpan.FromMilliseconds(50);

    // The commit that was seen may have been the one before the commit that the event told of.
    private static readonly TimeSpan NextCommit = TimeSpan.FromMilliseconds(5);

    // Endless events cost a quarter of a core at 2,000 commits a second. Looking every 5 ms costs a hundredth.
    private static readonly TimeSpan LongestFollowing = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan BusyInterval = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(50);

    private readonly Func<SqliteSession> _open;
    private readonly Action _changed;
    private readonly FileEvents _events;
    private readonly Thread _thread;

    // Guards the two flags below, and wakes those who wait for one of them.
    private readonly object _gate = new();
    private bool _hasEvent;
    private bool _isDisposed;

    // Used by the watching thread alone, once that has started.
    private SqliteSession? _session;
    private long? _version;

    /// <param name="paths">The files that a commit writes.</param>
    /// <param name="open">Opens a connection that reads.</param>
    /// <param name="changed">Called on the watching thread, about once a millisecond at most.</param>
    public SqliteWatch(IReadOnlyList<string> paths, Func<SqliteSession> open, Action changed)
    {
        _open = open;
        _changed = changed;
        _events = new FileEvents(paths, () => Signal(ref _hasEvent));
        // Read before the caller goes on, so that every later commit differs from it.
        _ = HasChanged();
        _thread = new Thread(Run) { IsBackground = true, Name = "TaskQueue SQLite watch" };
        _thread.Start();
    }

    /// <summary>Ends it; no call comes after this returns, but for one out of which it was called.</summary>
    public void Dispose()
    {
        Signal(ref _isDisposed);
        _events.Dispose();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run()
    {
        while (Wait() is { IsEnd: false } wake)
        {
            TellIfChanged();
            if (wake.IsEvent)
            {
                FollowCommit();
            }
        }

        Close();
    }

    private (bool IsEnd, bool IsEvent) Wait()
    {
        lock (_gate)
        {
            if (!_isDisposed && !_hasEvent)
            {
                Monitor.Wait(_gate, Interval);
            }

            return (_isDisposed, TakeEvent());
        }
    }

    /// <summary>Looks each millisecond until the commit of the event can be seen.</summary>
    private void FollowCommit()
    {
        var started = Stopwatch.GetTimestamp();
        var since = started;
        var left = LongestCommit;
        while (Stopwatch.GetElapsedTime(since) < left)
        {
            if (Stopwatch.GetElapsedTime(started) >= LongestFollowing)
            {
                FollowBusyQueue();
                return;
            }

            Thread.Sleep(1);
            lock (_gate)
            {
                if (_isDisposed)
                {
                    return;
                }

                if (TakeEvent())
                {
                    (since, left) = (Stopwatch.GetTimestamp(), LongestCommit);
                }
            }

            if (TellIfChanged())
            {
                left = Stopwatch.GetElapsedTime(since) + NextCommit;
            }
        }
    }

    /// <summary>If commits follow each other, it looks at a steady pace and ignores events until there is a pause.</summary>
    private void FollowBusyQueue()
    {
        _events.Stop();
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < LongestPause)
        {
            Thread.Sleep(BusyInterval);
            if (Volatile.Read(ref _isDisposed))
            {
                return;
            }

            if (TellIfChanged())
            {
                since = Stopwatch.GetTimestamp();
            }
        }

        _events.Restart();
        // Commits that came before the events were set up.
        TellIfChanged();
    }

    private bool TellIfChanged()
    {
        var hasChanged = HasChanged();
        if (hasChanged)
        {
            WatcherCall.Make(_changed);
        }

        return hasChanged;
    }

    /// <summary>
    /// True once for whatever was committed since the last call, and for another file in the place of the one that was watched.
    /// </summary>
    private bool HasChanged()
    {
        try
        {
            if (_session?.HasMoved == true)
            {
                Close();
            }

            if (_session is null)
            {
                _session = _open();
                _events.Restart();
            }

            var version = _session.Number("PRAGMA data_version");
            var hasChanged = version != _version;
            _version = version;
            return hasChanged;
        }
        catch (SqliteException error) when (SqliteErrors.IsBusy(error))
        {
            // Looked at again in a moment.
            return false;
        }
        catch (Exception)
        {
            // The file is out of reach, or no queue: it is opened again as long as somebody waits for it. Any other error would end the
            // process here.
            Close();
            return false;
        }
    }

    private void Close()
    {
        // Forgotten first: whatever closing throws, the next look opens another one.
        var session = _session;
        _session = null;
        _version = null;
        try
        {
            session?.Dispose();
        }
        catch (Exception)
        {
            // An exception on the watching thread would end the process, and there is nothing more to close.
        }
    }

    private bool TakeEvent()
    {
        var hadEvent = _hasEvent;
        _hasEvent = false;
        return hadEvent;
    }

    private void Signal(ref bool flag)
    {
        lock (_gate)
        {
            flag = true;
            Monitor.Pulse(_gate);
        }
    }
}
