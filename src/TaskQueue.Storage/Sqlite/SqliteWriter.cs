using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>
/// Writes a file for the whole process. Requests of several threads are committed together: a savepoint for each request, one sync for all,
/// and an acknowledgement after the commit.
/// </summary>
internal sealed class SqliteWriter : IDisposable
{
    // A group closes after this time, whatever is still waiting: the first request of a group must not wait for the last.
    private static readonly TimeSpan LongestGroup = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LongestCheckpoint = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan CancellationCheck = TimeSpan.FromMilliseconds(50);

    private readonly SqliteWriterProfile _profile;
    private readonly BlockingCollection<WriteRequest> _requests = [];
    private readonly Thread _thread;

    // Held while the connection is used: by the writer's thread for a group, and by others who look whether the file was moved.
    private readonly Lock _gate = new();

    // Requests that were handed over to the writer's thread, and that it has not begun to serve.
    private int _handedOver;

    // Guarded by the gate.
    private SqliteSession? _session;
    private bool _isPrepared;

    /// <summary>To be called by <see cref="SqliteWriters"/> only: a file has one.</summary>
    public SqliteWriter(SqliteWriterProfile profile)
    {
        _profile = profile;
        _thread = new Thread(Run) { IsBackground = true, Name = "TaskQueue SQLite writer" };
        _thread.Start();
    }

    public SqliteWriterProfile Profile => _profile;

    /// <summary>Closes the file once all that was asked for is written.</summary>
    public void Dispose()
    {
        _requests.CompleteAdding();
        _thread.Join();
        _requests.Dispose();
    }

    /// <summary>Gives the writer a connection that has been opened to its file. It keeps its own where it has one.</summary>
    public void BeginWith(SqliteSession opened)
    {
        // If the gate is held, the connection is in use.
        if (_gate.TryEnter())
        {
            try
            {
                if (_session is null)
                {
                    (_session, _isPrepared) = (opened, false);
                    return;
                }
            }
            finally
            {
                _gate.Exit();
            }
        }

        opened.Dispose();
    }

    /// <summary>Closes the file if its path names another one now.</summary>
    public void LeaveMovedFile(CancellationToken cancellation)
    {
        // A group of requests ends soon, and a new connection that reads is opened rarely.
        while (!_gate.TryEnter(CancellationCheck))
        {
            cancellation.ThrowIfCancellationRequested();
        }

        try
        {
            if (_session is { IsInTransaction: false, HasMoved: true })
            {
                TryClose();
            }
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>
    /// True if it has the file open, and in WAL mode: there a dead writer leaves nothing to roll back. The layout is looked at in each
    /// transaction.
    /// </summary>
    public bool IsReady()
    {
        if (!_gate.TryEnter())
        {
            return false;
        }

        try
        {
            return _isPrepared
                && _session is { IsInTransaction: false, HasMoved: false } session
                && session.Text("PRAGMA journal_mode") == "wal";
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction and returns its result once that is committed.</summary>
    public T Write<T>(Func<SqliteSession, T> work, TimeSpan timeout, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var request = new WriteRequest(session => work(session), timeout, cancellation);
        if (!TryServeHere(request))
        {
            Interlocked.Increment(ref _handedOver);
            _requests.Add(request, CancellationToken.None);
        }

        return (T)request.Wait(_profile.Path)!;
    }

    /// <summary>
    /// Serves a request on its caller's thread if nobody else is writing or waiting to: handing it over and back takes as long as a small
    /// transaction. False if it is to be handed over.
    /// </summary>
    private bool TryServeHere(WriteRequest request)
    {
        if (Volatile.Read(ref _handedOver) > 0 || !_gate.TryEnter())
        {
            return false;
        }

        try
        {
            return !_requests.IsAddingCompleted && Serve(request, waits: false);
        }
        finally
        {
            _gate.Exit();
        }
    }

    private void Run()
    {
        foreach (var request in _requests.GetConsumingEnumerable())
        {
            lock (_gate)
            {
                Interlocked.Decrement(ref _handedOver);
                Serve(request, waits: true);
            }
        }

        lock (_gate)
        {
            TryClose();
        }
    }

    /// <summary>Commits a request, and others that come meanwhile.</summary>
    /// <param name="request">The first.</param>
    /// <param name="waits">Whether a lock of another process is waited for.</param>
    /// <returns>False if it was not served, and still can be.</returns>
    private bool Serve(WriteRequest request, bool waits)
    {
        var group = new List<WriteRequest>();
        try
        {
            return TryCommitGroup(request, group, waits);
        }
        catch (Exception error)
        {
            TryClose();
            var translated = Translated(error);
            request.Fail(translated);
            group.ForEach(member => member.Fail(translated));
            return true;
        }
    }

    /// <summary>Closes the file where an error would end the process and leave callers without an answer.</summary>
    private void TryClose()
    {
        try
        {
            Close();
        }
        catch (Exception)
        {
            // The next write opens the file anew, and is told what is wrong with it.
        }
    }

    private bool TryCommitGroup(WriteRequest first, List<WriteRequest> group, bool waits)
    {
        if (!TryBegin(first, waits))
        {
            return false;
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            _profile.Verify(_session!);
            if (first.TryStart() && !TryRunAlone(first, group))
            {
                return true;
            }

            while (Stopwatch.GetElapsedTime(started) < LongestGroup && _requests.TryTake(out var next))
            {
                Interlocked.Decrement(ref _handedOver);
                if (next.TryStart())
                {
                    RunInSavepoint(next, group);
                }
            }

            EnsureInPlace();
            Commit(group);
        }
        catch
        {
            if (_session!.IsInTransaction)
            {
                _session.TryExecute("ROLLBACK");
            }

            throw;
        }

        group.ForEach(request => request.Acknowledge());
        return true;
    }

    /// <summary>
    /// False if another process holds the lock and that is not to be waited for, or the caller gave up while it was.
    /// </summary>
    private bool TryBegin(WriteRequest request, bool waits)
    {
        while (!request.IsAbandoned)
        {
            try
            {
                var session = OpenSession();
                var code = session.TryExecute("BEGIN IMMEDIATE");
                if (code == raw.SQLITE_OK)
                {
                    return true;
                }

                if (!SqliteErrors.IsBusy(code))
                {
                    throw session.LastError(code);
                }
            }
            catch (SqliteException error) when (SqliteErrors.IsBusy(error))
            {
                Close();
            }

            if (!waits)
            {
                break;
            }

            PauseOutsideGate();
        }

        return false;
    }

    /// <summary>Waits for a lock of another process. Meanwhile others may look whether the file was moved.</summary>
    private void PauseOutsideGate()
    {
        _gate.Exit();
        try
        {
            SqliteBusy.Pause();
        }
        finally
        {
            _gate.Enter();
        }
    }

    /// <summary>A commit to a file that its path no longer names is not acknowledged, but rolled back.</summary>
    private void EnsureInPlace()
    {
        if (_session!.HasMoved)
        {
            throw new QueueUnavailableException(
                $"'{_profile.Path}' was moved, deleted or replaced in the middle of a write. Nothing was written.", "Try again.");
        }
    }

    private SqliteSession OpenSession()
    {
        if (_session?.HasMoved == true)
        {
            Close();
        }

        if (_session is null)
        {
            SqliteFile.EnsureQueueFile(_profile.Path);
            (_session, _isPrepared) = (SqliteSession.Open(_profile.Path, writable: true), false);
            // First of all: the path may name another program's database by now, whose journal mode must not be changed.
            _profile.Verify(_session);
        }

        if (!_isPrepared)
        {
            SqliteFile.EnsureWritable(_profile.Path);
            _profile.Prepare(_session);
            _isPrepared = true;
        }

        return _session;
    }

    /// <summary>
    /// The first of a group needs no savepoint, which would cost a copy of each page it changes: if it fails, the transaction is rolled
    /// back with nothing else in it, and the group has ended.
    /// </summary>
    private bool TryRunAlone(WriteRequest request, List<WriteRequest> group)
    {
        try
        {
            request.Run(_session!);
        }
        catch (Exception error) when (_session!.IsInTransaction)
        {
            _session.Execute("ROLLBACK");
            request.Fail(Translated(error));
            return false;
        }

        group.Add(request);
        return true;
    }

    private void RunInSavepoint(WriteRequest request, List<WriteRequest> group)
    {
        // Added before it runs: if SQLite itself rolls the transaction back, all requests of the group fail.
        group.Add(request);
        _session!.Execute("SAVEPOINT request");
        try
        {
            request.Run(_session);
        }
        catch (Exception error) when (_session.IsInTransaction)
        {
            _session.Execute("ROLLBACK TO request");
            _session.Execute("RELEASE request");
            group.Remove(request);
            request.Fail(Translated(error));
            return;
        }

        _session.Execute("RELEASE request");
    }

    private Exception Translated(Exception error) =>
        error is SqliteException sqlite ? SqliteErrors.Translate(sqlite, _profile.Path) : error;

    /// <summary>
    /// On a rollback journal a commit waits until no reader is left. It waits as long as the callers do, and no longer than one of them
    /// still wants it. Then the whole group is rolled back.
    /// </summary>
    private void Commit(List<WriteRequest> group)
    {
        var started = Stopwatch.GetTimestamp();
        int code;
        while (SqliteErrors.IsBusy(code = _session!.TryExecute("COMMIT")))
        {
            if (group.Count > 0 && group.All(request => request.IsCancelled))
            {
                throw new OperationCanceledException();
            }

            var longest = group.Select(request => request.Timeout).DefaultIfEmpty().Max();
            if (Stopwatch.GetElapsedTime(started) >= longest)
            {
                throw SqliteErrors.Locked(_profile.Path, longest);
            }

            SqliteBusy.Pause();
        }

        if (code != raw.SQLITE_OK)
        {
            throw _session.LastError(code);
        }
    }

    private void Close()
    {
        if (_session is not { } session)
        {
            return;
        }

        // Forgotten first: whatever is thrown below, the next write opens the file anew.
        _session = null;
        using (session)
        {
            if (session.HasMoved)
            {
                session.EmptyLog(new SqliteBusy(_profile.Path, LongestCheckpoint, CancellationToken.None));
            }
        }
    }
}
