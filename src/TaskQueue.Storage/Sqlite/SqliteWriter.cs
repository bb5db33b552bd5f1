using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage.Sqlite;

/// <summary>
/// The one writer a process has for a file. What threads want written at the same time is committed together:
/// a savepoint for each request, one sync for all, acknowledged after the commit.
/// </summary>
internal sealed class SqliteWriter
{
    // A group closes after this long, however much is waiting: the first request of a group must not wait for the last.
    private static readonly TimeSpan LongestGroup = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LongestCheckpoint = TimeSpan.FromSeconds(30);

    private static readonly Lock Registry = new();
    private static readonly Dictionary<(string, Durability), SqliteWriter> Writers = [];

    private readonly SqliteWriterProfile _profile;
    private readonly BlockingCollection<WriteRequest> _requests = [];
    private readonly Thread _thread;

    // Only the writer's own thread uses it.
    private SqliteSession? _session;

    // A second connection to the same file, by which others see whether that was moved. Guarded by the gate.
    private readonly Lock _gate = new();
    private SqliteSession? _sentinel;
    private int _users;

    private SqliteWriter(SqliteWriterProfile profile)
    {
        _profile = profile;
        _thread = new Thread(Run) { IsBackground = true, Name = "TaskQueue SQLite writer" };
        _thread.Start();
    }

    /// <summary>The writer of the profile's file, shared with whoever else in this process writes it.</summary>
    public static SqliteWriter Rent(SqliteWriterProfile profile)
    {
        lock (Registry)
        {
            var key = (profile.Path, profile.Durability);
            if (!Writers.TryGetValue(key, out var writer))
            {
                writer = new SqliteWriter(profile);
                Writers.Add(key, writer);
            }

            writer._users++;
            return writer;
        }
    }

    /// <summary>Gives the writer back; the last one closes the file.</summary>
    public void Return()
    {
        lock (Registry)
        {
            if (--_users > 0)
            {
                return;
            }

            Writers.Remove((_profile.Path, _profile.Durability));
        }

        _requests.CompleteAdding();
        _thread.Join();
        _requests.Dispose();
    }

    /// <summary>
    /// Makes the writers of this process let go of the file they have open if <paramref name="path"/> names another one now:
    /// before that one is opened, since their log lies beside it.
    /// </summary>
    public static void LeaveMovedFile(string path, TimeSpan timeout, CancellationToken cancellation)
    {
        SqliteWriter[] moved;
        lock (Registry)
        {
            moved = [.. Writers.Values.Where(writer => writer._profile.Path == path && writer.HasMovedFile)];
            Array.ForEach(moved, writer => writer._users++);
        }

        foreach (var writer in moved)
        {
            try
            {
                // Any request does it: it is looked at before each transaction.
                writer.Write(_ => true, timeout, cancellation);
            }
            catch (TaskQueueException)
            {
                // What is there now cannot be written; whether it can be read is for the reader to find out.
            }
            finally
            {
                writer.Return();
            }
        }
    }

    /// <summary>Runs <paramref name="work"/> in a transaction and returns its result once that is committed.</summary>
    public T Write<T>(Func<SqliteSession, T> work, TimeSpan timeout, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var request = new WriteRequest(session => work(session), timeout, cancellation);
        _requests.Add(request, CancellationToken.None);
        return (T)request.Wait(_profile.Path)!;
    }

    private bool HasMovedFile
    {
        get
        {
            lock (_gate)
            {
                return _sentinel?.HasMoved == true;
            }
        }
    }

    private void Run()
    {
        foreach (var request in _requests.GetConsumingEnumerable())
        {
            var group = new List<WriteRequest>();
            try
            {
                CommitGroup(request, group);
            }
            catch (Exception error)
            {
                TryClose();
                var translated = Translated(error);
                request.Fail(translated);
                group.ForEach(member => member.Fail(translated));
            }
        }

        TryClose();
    }

    /// <summary>Closes the file on the writer's own thread, where an error would end the process and leave callers without an answer.</summary>
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

    private void CommitGroup(WriteRequest first, List<WriteRequest> group)
    {
        if (!TryBegin(first))
        {
            return;
        }

        var started = Stopwatch.GetTimestamp();
        try
        {
            _profile.Verify(_session!);
            if (first.TryStart() && !TryRunAlone(first, group))
            {
                return;
            }

            while (Stopwatch.GetElapsedTime(started) < LongestGroup && _requests.TryTake(out var next))
            {
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
    }

    /// <summary>False if the caller gave up while another process held the lock.</summary>
    private bool TryBegin(WriteRequest request)
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

            SqliteBusy.Pause();
        }

        return false;
    }

    /// <summary>What would be committed to a file that its path names no longer is not acknowledged but rolled back.</summary>
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
            SqliteFile.EnsureWritable(_profile.Path);
            var session = SqliteSession.Open(_profile.Path, writable: true);
            try
            {
                _profile.Prepare(session);
            }
            catch
            {
                session.Dispose();
                throw;
            }

            _session = session;
            var sentinel = SqliteSession.Open(_profile.Path, writable: false);
            lock (_gate)
            {
                _sentinel = sentinel;
            }
        }

        return _session!;
    }

    /// <summary>
    /// The first of a group needs no savepoint, which would cost a copy of each page it changes: if it fails, the transaction is rolled back with nothing else in it, and the group
    /// has ended.
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
        // Before it runs: where SQLite itself rolls the transaction back, all of the group fail.
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

    private Exception Translated(Exception error) => error is SqliteException sqlite ? SqliteErrors.Translate(sqlite, _profile.Path) : error;

    /// <summary>
    /// On a rollback journal a commit waits until no reader is left: as long as its callers wait, and no longer than one of them
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

        // Forgotten first, so that whatever is thrown below, the next write opens the file anew.
        _session = null;
        using (session)
        {
            if (session.HasMoved)
            {
                session.EmptyLog(new SqliteBusy(_profile.Path, LongestCheckpoint, CancellationToken.None));
            }

            lock (_gate)
            {
                var sentinel = _sentinel;
                _sentinel = null;
                sentinel?.Dispose();
            }
        }
    }
}
