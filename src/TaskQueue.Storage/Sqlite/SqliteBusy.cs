using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>Waits for a lock another process holds: short sleeps with jitter, so that nobody is starved by a fixed rhythm.</summary>
internal sealed class SqliteBusy(string path, TimeSpan timeout, CancellationToken cancellation)
{
    // 2 ms caps what a waiter adds to the time the lock is free.
    private const int LongestSleepMilliseconds = 2;

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Runs <paramref name="work"/> until it meets no lock or the time-out has passed.</summary>
    public T Run<T>(Func<T> work)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return work();
            }
            catch (SqliteException error) when (SqliteErrors.IsBusy(error))
            {
                Wait();
            }
        }
    }

    public void Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    /// <summary>Runs <paramref name="work"/> in a transaction of its own: all of it is committed, or nothing.</summary>
    public void Transact(SqliteSession session, string begin, Action work)
    {
        Succeed(session, begin);
        try
        {
            work();
            Succeed(session, "COMMIT");
        }
        catch
        {
            if (session.IsInTransaction)
            {
                session.TryExecute("ROLLBACK");
            }

            throw;
        }
    }

    /// <summary>Repeats a statement without result while it answers busy; returns any other code.</summary>
    public int Execute(SqliteSession session, string sql)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            var code = session.TryExecute(sql);
            if (!SqliteErrors.IsBusy(code))
            {
                return code;
            }

            Wait();
        }
    }

    private void Succeed(SqliteSession session, string sql)
    {
        var code = Execute(session, sql);
        if (code != raw.SQLITE_OK)
        {
            throw session.LastError(code);
        }
    }

    public void Wait()
    {
        if (Stopwatch.GetElapsedTime(_start) >= timeout)
        {
            throw SqliteErrors.Locked(path, timeout);
        }

        Pause();
    }

    public static void Pause() => Thread.Sleep(Random.Shared.Next(LongestSleepMilliseconds + 1));
}
