namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>What calls cost as a queue grows to the number of tasks that <c>--tasks</c> says, tenfold each time.</summary>
internal static class Growth
{
    private const int Smallest = 10_000;

    public static void Run(Bench bench)
    {
        using var folder = new QueueFolder();
        var path = folder.NewQueue();
        var count = 0;
        for (var size = Smallest; size <= bench.Sizes.Tasks; size *= 10)
        {
            using (var raw = new RawSqlite(path, Durability.Normal))
            {
                Filling.AddFinished(raw, size - count);
                raw.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
            }

            count = size;
            using var store = QueueFolder.Open(path);
            Note("enqueue 500", () => store.Enqueue(SampleTask.New(500), CancellationToken.None));
            Note("enqueue 1", () => store.Enqueue([SampleTask.New()], CancellationToken.None));
            var claim = ClaimCost.Claim(store, 50);
            bench.Note("claim 50", "ms", Spread.Of([claim.Claim]), size: size);
            bench.Note("complete 50", "ms", Spread.Of([claim.Complete]), size: size);
            var some = store.Read(new TaskQuery { Limit = 1, NewestFirst = true }, CancellationToken.None).Single().Id;
            Note("find by id", () => store.Find(some, CancellationToken.None));
            Note(
                "first 100 failed",
                () => _ = store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Failed], Limit = 100 }, CancellationToken.None).ToList());
            Note(
                "all running",
                () => _ = store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Running] }, CancellationToken.None).ToList());
            Note("count by status", () => store.CountByStatus(CancellationToken.None), times: 3);

            void Note(string what, Action work, int times = 50) =>
                bench.Note(
                    what, "ms", Spread.Of(Enumerable.Range(0, times + 3).Select(_ => Bench.Milliseconds(work)).Skip(3).ToList()),
                    size: size);
        }
    }
}
