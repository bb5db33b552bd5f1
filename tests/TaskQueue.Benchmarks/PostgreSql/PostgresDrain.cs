namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>A whole worker on PostgreSQL, whose handler does nothing, beside the raw statements in batches.</summary>
internal static class PostgresDrain
{
    private const int Count = 50_000;

    // What people would try who tune.
    private static readonly int[] Prefetches = [128, 500];

    public static void Run(Bench bench)
    {
        var server = bench.Server;
        foreach (var prefetch in Prefetches)
        {
            bench.Compare(
                $"slots: 2, prefetch {prefetch} (raw: batches of {prefetch})",
                "tasks/s",
                () => Rate(server, new() { Concurrency = 2, Prefetch = prefetch }),
                () => RawRate(server, prefetch),
                prefetch == Prefetches[^1] ? Target.AtLeast(0.8) : null);
        }

        bench.Compare(
            "default settings (raw: the best -Prefetch)",
            "tasks/s",
            () => Rate(server, new()),
            () => Prefetches.Max(prefetch => Rate(server, new() { Prefetch = prefetch })),
            Target.AtLeast(0.8));
    }

    /// <summary>How many tasks a second a worker runs.</summary>
    public static double Rate(BenchmarkServer server, WorkerOptions options, int count = Count, TimeSpan handlerTime = default)
    {
        var queue = server.NewQueue();
        Filling.AddReady(server, queue, count);
        using var store = BenchmarkServer.Open(queue);
        using var worker = SampleHandler.Worker(store, options with { EndsWhenEmpty = true }, time: handlerTime);
        return Bench.Rate(count, worker.Run);
    }

    private static double RawRate(BenchmarkServer server, int batch)
    {
        var queue = server.NewQueue();
        Filling.AddReady(server, queue, Count);
        using var raw = new RawSide(queue);
        return Bench.Rate(Count, () =>
        {
            while (raw.ClaimAndComplete(batch) > 0)
            {
                // Until it is empty.
            }
        });
    }
}
