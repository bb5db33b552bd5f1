using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage.Sqlite;

/// <summary>Read-only connections to one file, opened as they are needed and kept for the next reader.</summary>
internal sealed class SqliteReaders(string path, Action<SqliteSession> verify, TimeSpan timeout) : IDisposable
{
    private readonly ConcurrentBag<SqliteSession> _idle = [];

    /// <summary>Runs a short read. Nothing stays open on the database when it returns.</summary>
    public T Read<T>(Func<SqliteSession, T> work, CancellationToken cancellation)
    {
        SqliteSession? session = null;
        try
        {
            var busy = new SqliteBusy(path, timeout, cancellation);
            session = busy.Run(() => Take(cancellation));
            T result;
            using (cancellation.Register(session.Interrupt))
            {
                result = busy.Run(() => work(session));
            }

            // Only now that this caller's cancellation cannot reach it any more: it would interrupt the next reader.
            _idle.Add(session);
            session = null;
            return result;
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, path, cancellation);
        }
        finally
        {
            session?.Dispose();
        }
    }

    /// <summary>A new connection, which is the caller's.</summary>
    public SqliteSession Open(CancellationToken cancellation)
    {
        SqliteWriter.LeaveMovedFile(path, timeout, cancellation);
        SqliteFile.EnsureQueueFile(path);
        var session = SqliteSession.Open(path, writable: false);
        try
        {
            verify(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }

    private SqliteSession Take(CancellationToken cancellation)
    {
        while (_idle.TryTake(out var idle))
        {
            if (!idle.HasMoved)
            {
                return idle;
            }

            idle.Dispose();
        }

        return Open(cancellation);
    }
}
