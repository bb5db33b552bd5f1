using System.Diagnostics;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>Gives the unused pages of our own files back to the disk while others go on working.</summary>
/// <param name="path">The queue's path.</param>
/// <param name="database">How it is written.</param>
/// <param name="options">How it was opened.</param>
internal sealed class SqliteSpace(string path, SqliteDatabase database, StoreOptions options)
{
    // However slow the machine, the write lock is held for little more than 20 ms, and 2 MB are written at most.
    private const int PagesAtOnce = 50;
    private const int MostPagesPerStep = 500;
    private static readonly TimeSpan LongestStep = TimeSpan.FromMilliseconds(20);

    // The whole log can be emptied only in a moment without readers. If there is none, the next writer does it.
    private static readonly TimeSpan LongestCheckpoint = TimeSpan.FromSeconds(2);

    /// <summary>Moves what is in use to the front and cuts the file, a step at a time.</summary>
    /// <param name="progress">Called after each step with the part done, 0 to 1.</param>
    /// <param name="cancellation">Ends it between two steps; what was done stays done.</param>
    public void Reclaim(Action<double> progress, CancellationToken cancellation)
    {
        var all = Unused(cancellation);
        var left = all;
        while (left > 0)
        {
            var started = Stopwatch.GetTimestamp();
            var now = database.Write(Step, cancellation);
            progress(Math.Max(0, all - now) / (double)all);
            if (now >= left)
            {
                // The file lacks the setting that lets it shrink, or others fill it as fast as it is emptied.
                break;
            }

            left = now;
            // Others get as much time as they were kept waiting.
            cancellation.WaitHandle.WaitOne(Stopwatch.GetElapsedTime(started));
            cancellation.ThrowIfCancellationRequested();
        }

        RefreshStatistics(cancellation);
        EmptyLog(cancellation);
    }

    private static long Step(SqliteSession session)
    {
        var started = Stopwatch.GetTimestamp();
        for (var pages = 0; pages < MostPagesPerStep && Stopwatch.GetElapsedTime(started) < LongestStep; pages += PagesAtOnce)
        {
            // On the bare engine: the pragma works step by step, and a command that is merely executed takes only the first step.
            var code = session.TryExecute($"PRAGMA incremental_vacuum({PagesAtOnce})");
            if (code != raw.SQLITE_OK)
            {
                throw session.LastError(code);
            }
        }

        return session.Number("PRAGMA freelist_count");
    }

    private long Unused(CancellationToken cancellation) => database.Read(session => session.Number("PRAGMA freelist_count"), cancellation);

    private void RefreshStatistics(CancellationToken cancellation) => database.Write(
        session =>
        {
            // A few hundred rows of each index are looked at, however many there are.
            session.ExecuteScript("PRAGMA analysis_limit = 400; PRAGMA optimize = 0x10002");
            return true;
        },
        cancellation);

    private void EmptyLog(CancellationToken cancellation)
    {
        using var session = SqliteSession.Open(path, writable: true);
        var busy = new SqliteBusy(path, options.Timeout, cancellation);
        // First the part that hinders nobody: then little is left for the moment in which writers wait.
        _ = busy.Run(() => session.Number("PRAGMA wal_checkpoint(PASSIVE)"));
        var started = Stopwatch.GetTimestamp();
        while (session.Number("PRAGMA wal_checkpoint(TRUNCATE)") != 0 && Stopwatch.GetElapsedTime(started) < LongestCheckpoint)
        {
            cancellation.ThrowIfCancellationRequested();
            SqliteBusy.Pause();
        }
    }
}
