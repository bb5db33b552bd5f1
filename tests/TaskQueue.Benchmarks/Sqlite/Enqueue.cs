namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>Adding tasks: many in a transaction, and one by one, where those of several threads are committed together.</summary>
internal static class Enqueue
{
    private const int BulkTasks = 20_000;
    private const int BulkSize = 500;
    private const int SingleTasks = 1_000;

    public static void Run(Bench bench)
    {
        foreach (var durability in (Durability[])[Durability.Full, Durability.Normal])
        {
            var isFull = durability is Durability.Full;
            using var folder = new QueueFolder();
            var (ours, theirs) = (folder.NewQueue(), folder.NewQueue());
            using var store = QueueFolder.Open(ours, durability);
            using var raw = new RawSqlite(theirs, durability);
            bench.Compare(
                $"{BulkSize} a transaction, {durability}",
                "tasks/s",
                () => Bulk(tasks => store.Enqueue(tasks, CancellationToken.None)),
                () => Bulk(raw.Enqueue),
                isFull ? Target.AtLeast(0.7) : null);
            foreach (var threads in (int[])[1, 8])
            {
                bench.Compare(
                    $"one by one, threads: {threads} (raw: 1), {durability}",
                    "tasks/s",
                    () => Bench.Rate(
                        SingleTasks * threads,
                        () => OnThreads.Run(threads, () => Single(tasks => store.Enqueue(tasks, CancellationToken.None)))),
                    () => Bench.Rate(SingleTasks, () => Single(raw.Enqueue)),
                    isFull && threads == 8 ? Target.AtLeast(3) : null);
            }
        }
    }

    private static double Bulk(Action<IReadOnlyList<NewTask>> enqueue)
    {
        var batches = SampleTask.New(BulkTasks).Chunk(BulkSize).ToList();
        return Bench.Rate(BulkTasks, () => batches.ForEach(enqueue));
    }

    private static void Single(Action<IReadOnlyList<NewTask>> enqueue)
    {
        for (var count = 0; count < SingleTasks; count++)
        {
            enqueue([SampleTask.New()]);
        }
    }
}
