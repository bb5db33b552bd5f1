namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>A whole worker on PostgreSQL, whose handler does nothing, beside the raw statements in batches.</summary>
internal static class PostgresDrain
{
    private const int RawBatch = 100;

    public static void Run(Bench bench)
    {
        var server = bench.Server;
        foreach (var (what, count, options, target) in ((string, int, WorkerOptions, Target?)[])
            [
                ("slots: 2, prefetch 128", 50_000, new() { Concurrency = 2, Prefetch = 128 }, Target.AtLeast(0.6)),
                ("default settings", 2_000, new(), null),
            ])
        {
            bench.Compare(
                $"{what} (raw: batches of {RawBatch})",
                "tasks/s",
                () =>
                {
                    var queue = server.NewQueue();
                    Filling.AddReady(server, queue, count);
                    using var store = BenchmarkServer.Open(queue);
                    using var worker = InstantHandler.Worker(store, options with { EndsWhenEmpty = true });
                    return Bench.Rate(count, worker.Run);
                },
                () =>
                {
                    var queue = server.NewQueue();
                    Filling.AddReady(server, queue, count);
                    using var raw = new RawSide(queue);
                    return Bench.Rate(count, () =>
                    {
                        while (raw.ClaimAndComplete(RawBatch) > 0)
                        {
                            // Until it is empty.
                        }
                    });
                },
                target);
        }
    }
}
