using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage;

/// <summary>
/// How a store gets at its file: connections of its own that only read, and the writer that it shares with the rest of the process.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly string _path;
    private readonly StoreOptions _options;
    private readonly Action<SqliteSession> _verifyReading;
    private readonly Lazy<SqliteWriter> _writer;

    // Opened as they are needed and kept for the next reader.
    private readonly ConcurrentBag<SqliteSession> _idleReaders = [];

    private int _isDisposed;

    /// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
    /// <param name="options">How it was opened.</param>
    /// <param name="opened">The connection on which the layout was seen: the first reader, or what the writer begins with if it may
    /// write.</param>
    /// <param name="verifyReading">Run on each further connection that reads.</param>
    /// <param name="prepareWriting">Run once on each connection that writes, outside a transaction.</param>
    /// <param name="verifyWriting">Run on each further connection that writes, and first in each transaction.</param>
    public SqliteDatabase(
        string path,
        StoreOptions options,
        SqliteSession opened,
        Action<SqliteSession> verifyReading,
        Action<SqliteSession> prepareWriting,
        Action<SqliteSession> verifyWriting)
    {
        _path = path;
        _options = options;
        _verifyReading = verifyReading;
        var profile = new SqliteWriterProfile(path, options.Durability, prepareWriting, verifyWriting);
        _writer = new(() => SqliteWriters.Rent(profile));
        if (opened.IsReadOnly)
        {
            _idleReaders.Add(opened);
        }
        else
        {
            _writer.Value.BeginWith(opened);
        }
    }

    /// <summary>Runs a short read. Nothing stays open on the database when it returns.</summary>
    public T Read<T>(Func<SqliteSession, T> work, CancellationToken cancellation)
    {
        SqliteSession? session = null;
        try
        {
            var busy = new SqliteBusy(_path, _options.Timeout, cancellation);
            session = busy.Run(() => TakeReader(cancellation));
            T result;
            using (cancellation.Register(session.Interrupt))
            {
                result = busy.Run(() => work(session));
            }

            // Only now, when this caller's cancellation cannot reach it any more: it would interrupt the next reader.
            _idleReaders.Add(session);
            session = null;
            return result;
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, _path, cancellation);
        }
        finally
        {
            session?.Dispose();
        }
    }

    /// <inheritdoc cref="SqliteWriter.Write"/>
    public T Write<T>(Func<SqliteSession, T> work, CancellationToken cancellation) =>
        _writer.Value.Write(work, _options.Timeout, cancellation);

    /// <inheritdoc cref="IWorkSource.Watch"/>
    /// <param name="suffixes">Which of SQLite's files are written by a commit, as what their names add to the path.</param>
    /// <param name="changed">Called after a change.</param>
    public IDisposable Watch(IReadOnlyList<string> suffixes, Action changed) =>
        new SqliteWatch([.. suffixes.Select(suffix => _path + suffix)], () => OpenReader(CancellationToken.None), changed);

    public void Dispose()
    {
        // Only once: the writer counts its users, and a second return would close it for another user.
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        while (_idleReaders.TryTake(out var session))
        {
            session.Dispose();
        }

        if (_writer.IsValueCreated)
        {
            SqliteWriters.Return(_writer.Value);
        }
    }

    private SqliteSession TakeReader(CancellationToken cancellation)
    {
        while (_idleReaders.TryTake(out var idle))
        {
            if (!idle.HasMoved)
            {
                return idle;
            }

            idle.Dispose();
        }

        return OpenReader(cancellation);
    }

    private SqliteSession OpenReader(CancellationToken cancellation)
    {
        SqliteWriters.LeaveMovedFile(_path, cancellation);
        SqliteFile.EnsureQueueFile(_path);
        var session = SqliteSession.Open(_path, writable: false);
        try
        {
            _verifyReading(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
