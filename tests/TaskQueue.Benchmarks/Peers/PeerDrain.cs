using System.ComponentModel;
using TaskQueue.Benchmarks.PostgreSql;
using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Peers;

/// <summary>
/// How fast other queues drain, beside ours: on the same disk, and on the same server. What each of them keeps and promises is in
/// docs/benchmarks.md.
/// </summary>
internal static class PeerDrain
{
    private const string PlainJob = "plainjob";
    private const string GraphileWorker = "graphile-worker";
    private const string PgBoss = "pg-boss";

    private const int FastJobs = 40_000;

    // One that claims and completes each job by itself.
    private const int SlowJobs = 10_000;

    // With handlers that take their time, two or one at a time.
    private const int LongJobs = 300;

    // pg-boss as it comes looks for a job every 2 s.
    private const int PolledJobs = 5;

    private static readonly WorkerOptions Default = new();
    private static readonly WorkerOptions Best = new() { Prefetch = 500 };
    private static readonly TimeSpan HandlerTime = TimeSpan.FromMilliseconds(10);

    public static void Run(Bench bench)
    {
        PeerPrograms programs;
        try
        {
            programs = new PeerPrograms();
        }
        catch (Exception error) when (error is Win32Exception or InvalidOperationException)
        {
            WriteLine($"Left out, since the peers could not be installed: {error.Message}");
            return;
        }

        using (programs)
        {
            AtBest(bench, programs);
            AsTheyCome(bench, programs);
        }
    }

    private static void AtBest(Bench bench, PeerPrograms programs)
    {
        using var folder = new QueueFolder();
        bench.Compare(
            $"-Prefetch {Best.Prefetch}, SQLite Full (raw: {PlainJob})",
            "tasks/s",
            () => Drain.Rate(folder, Best, Durability.Full, FastJobs),
            () => OnFile(programs, folder, FastJobs),
            Target.AtLeast(4));
        foreach (var peer in (string[])[GraphileWorker, PgBoss])
        {
            bench.Compare(
                $"-Prefetch {Best.Prefetch}, PostgreSQL (raw: {peer} in batches)",
                "tasks/s",
                () => PostgresDrain.Rate(bench.Server, Best, FastJobs),
                () => OnServer(programs, bench.Server, peer, FastJobs, isBest: true),
                Target.AtLeast(1.2));
        }
    }

    private static void AsTheyCome(Bench bench, PeerPrograms programs)
    {
        using var folder = new QueueFolder();
        foreach (var time in (TimeSpan[])[TimeSpan.Zero, HandlerTime])
        {
            var isInstant = time == TimeSpan.Zero;
            var work = isInstant ? "no-op" : $"{time.TotalMilliseconds} ms";
            bench.Compare(
                $"default settings, {work}, SQLite (raw: {PlainJob})",
                "tasks/s",
                () => Drain.Rate(folder, Default, Durability.Full, isInstant ? FastJobs : LongJobs, time),
                () => OnFile(programs, folder, isInstant ? FastJobs : LongJobs, time));
            foreach (var (peer, count) in ((string, int)[])[(GraphileWorker, isInstant ? SlowJobs : LongJobs), (PgBoss, PolledJobs)])
            {
                bench.Compare(
                    $"default settings, {work}, PostgreSQL (raw: {peer})",
                    "tasks/s",
                    () => PostgresDrain.Rate(bench.Server, Default, isInstant ? FastJobs : LongJobs, time),
                    () => OnServer(programs, bench.Server, peer, count, isBest: false, time));
            }
        }
    }

    private static double OnFile(PeerPrograms programs, QueueFolder folder, int jobs, TimeSpan handlerTime = default)
    {
        var path = folder.NewPath();
        var rate = programs.Rate(PlainJob, path, isBest: false, jobs, handlerTime);
        folder.Delete(path);
        return rate;
    }

    private static double OnServer(
        PeerPrograms programs, BenchmarkServer server, string peer, int jobs, bool isBest, TimeSpan handlerTime = default)
    {
        var database = server.NewDatabase();
        var rate = programs.Rate(peer, server.LocationOf(database), isBest, jobs, handlerTime);
        server.Execute($"DROP DATABASE {database}");
        return rate;
    }
}
