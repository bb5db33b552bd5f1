namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>A whole worker on PostgreSQL, whose handler does nothing, beside the raw statements in batches.</summary>
internal static class PostgresDrain
{
    private const int Count = 20_000;
    private const int RawBatch = 100;

    public static void Run(Bench bench)
    {
        var server = bench.Server;
        foreach (var (what, options, target) in ((string, WorkerOptions, Target?)[])
            [("2 slots, prefetch 128", new() { Concurrency = 2, Prefetch = 128 }, Target.AtLeast(0.6)), ("default settings", new(), null)])
        {
            bench.Compare(
                $"{what} (raw: batches of {RawBatch})",
                "tasks/s",
                () =>
                {
                    var queue = server.NewQueue();
                    Filling.AddReady(server, queue, Count);
                    using var store = BenchmarkServer.Open(queue);
                    using var worker = new QueueWorker(
                        store, new Dictionary<string, ITaskHandler> { [SampleTask.Type] = new InstantHandler() }, options with { EndsWhenEmpty = true }, Actor.Current("Benchmark"));
                    return Bench.Rate(Count, worker.Run);
                },
                () =>
                {
                    var queue = server.NewQueue();
                    Filling.AddReady(server, queue, Count);
                    using var raw = new RawSide(queue);
                    return Bench.Rate(Count, () =>
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
