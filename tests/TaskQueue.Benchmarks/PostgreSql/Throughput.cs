using System.Diagnostics;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>The product's store beside the raw statements: the same work in turn on two tables of one server.</summary>
internal static class Throughput
{
    private const int BulkSize = 500;
    private const int BatchSize = 50;
    private const int FilledTasks = 40_000;

    private static readonly TimeSpan LongestMeasurement = TimeSpan.FromSeconds(3);

    public static void Run(Bench bench)
    {
        var server = bench.Server;
        var queue = server.NewQueue();
        var table = RawTable(server, queue);
        using var product = new ProductSide(queue);
        using var raw = new RawSide(table);
        foreach (var threads in (int[])[1, 8])
        {
            Compare($"enqueue {BulkSize} a transaction, {threads} connections", side => Enqueue(side, FilledTasks, BulkSize, threads));
            Compare($"enqueue 1 a transaction, {threads} connections", side => Enqueue(side, FilledTasks, 1, threads));
            foreach (var batch in (int[])[1, BatchSize])
            {
                Compare($"claim + complete {batch} a transaction, {threads} connections", side =>
                {
                    Fill(side == product ? queue : table);
                    return Rate(threads, () => side.ClaimAndComplete(batch));
                });
            }
        }

        void Compare(string what, Func<IQueueSide, double> measure) =>
            bench.Compare(what, "tasks/s", () => measure(product), () => measure(raw));

        void Fill(PostgresLocation location)
        {
            server.Execute(location, "UPDATE task SET status = 'success', ready = NULL WHERE status <> 'success'");
            Filling.AddReady(server, location, FilledTasks);
            server.Execute(location, "VACUUM (ANALYZE) task");
        }
    }

    private static PostgresLocation RawTable(BenchmarkServer server, PostgresLocation queue)
    {
        var schema = PostgresCluster.NewName("raw");
        server.Execute($"CREATE SCHEMA {schema} AUTHORIZATION {server.Owner}");
        server.Execute($"SET ROLE {server.Owner}; CREATE TABLE {schema}.task (LIKE {queue.Schema}.task INCLUDING ALL)");
        server.Execute(
            $"ALTER TABLE {schema}.task SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, "
                + "autovacuum_analyze_scale_factor = 0.02)");
        return queue with { Schema = schema };
    }

    private static double Enqueue(IQueueSide side, int count, int batch, int threads)
    {
        var batches = Enumerable.Range(0, count)
            .Select(_ => SampleTask.New())
            .Chunk(batch)
            .ToList();
        var next = -1;
        return Rate(threads, () =>
        {
            var index = Interlocked.Increment(ref next);
            if (index >= batches.Count)
            {
                return 0;
            }

            side.Enqueue(batches[index]);
            return batch;
        });
    }

    /// <summary>Tasks a second, until the time is up or there are no more.</summary>
    private static double Rate(int threads, Func<int> work)
    {
        long done = 0;
        var started = Stopwatch.GetTimestamp();
        OnThreads.Run(threads, () =>
        {
            while (Stopwatch.GetElapsedTime(started) < LongestMeasurement && work() is > 0 and var count)
            {
                Interlocked.Add(ref done, count);
            }
        });
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
