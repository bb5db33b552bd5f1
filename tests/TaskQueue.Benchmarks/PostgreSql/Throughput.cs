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

    public static void Run(BenchmarkServer server, Sizes sizes)
    {
        var queue = server.NewQueue();
        var table = RawTable(server, queue);
        using var product = new ProductSide(queue);
        using var raw = new RawSide(table);
        (IQueueSide Side, PostgresLocation Location)[] sides = [(product, queue), (raw, table)];
        Console.WriteLine($"Tasks a second, smallest / median / largest of {sizes.Rounds} rounds; ratio: product to raw of the same round.");
        foreach (var threads in (int[])[1, 8])
        {
            Compare($"enqueue {BulkSize} a transaction, {threads} connections", sides, sizes, fill: null, side => Enqueue(side, FilledTasks, BulkSize, threads));
            Compare($"enqueue 1 a transaction, {threads} connections", sides, sizes, fill: null, side => Enqueue(side, FilledTasks, 1, threads));
            Compare($"claim + complete 1 a transaction, {threads} connections", sides, sizes, Fill, side => Rate(threads, () => side.ClaimAndComplete(1)));
            Compare($"claim + complete {BatchSize} a transaction, {threads} connections", sides, sizes, Fill, side => Rate(threads, () => side.ClaimAndComplete(BatchSize)));
        }

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
        server.Execute($"ALTER TABLE {schema}.task SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)");
        return queue with { Schema = schema };
    }

    /// <summary>Measures both sides in turn, each round beginning with the other one.</summary>
    private static void Compare(
        string what, (IQueueSide Side, PostgresLocation Location)[] sides, Sizes sizes, Action<PostgresLocation>? fill, Func<IQueueSide, double> measure)
    {
        var rates = sides.ToDictionary(side => side.Side.Name, _ => new Spread());
        var ratio = new Spread();
        // Round 0 opens the connections, prepares the statements and compiles the code.
        for (var round = 0; round <= sizes.Rounds; round++)
        {
            var inRound = new Dictionary<string, double>();
            foreach (var (side, location) in round % 2 == 0 ? sides : sides.Reverse())
            {
                fill?.Invoke(location);
                inRound[side.Name] = measure(side);
            }

            if (round > 0)
            {
                ratio.Add(inRound["product"] / inRound["raw"]);
                foreach (var (name, rate) in inRound)
                {
                    rates[name].Add(rate);
                }
            }
        }

        Console.WriteLine($"{what,-48} product {rates["product"].Show("N0"),-26} raw {rates["raw"].Show("N0"),-26} ratio {ratio.Show("0.00")}");
    }

    private static double Enqueue(IQueueSide side, int count, int batch, int threads)
    {
        var batches = Enumerable.Range(0, count)
            .Select(_ => new NewTask { Type = Filling.Type, DataJson = Filling.Data })
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
        using var start = new ManualResetEventSlim();
        long done = 0;
        var started = 0L;
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            start.Wait();
            while (Stopwatch.GetElapsedTime(started) < LongestMeasurement && work() is > 0 and var count)
            {
                Interlocked.Add(ref done, count);
            }
        })).ToList();
        workers.ForEach(worker => worker.Start());
        started = Stopwatch.GetTimestamp();
        start.Set();
        workers.ForEach(worker => worker.Join());
        return done / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
