namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>
/// What a claim costs in a large queue, beside the same claim in an empty one: a long past, tasks of next year that are more urgent, and
/// ready ones of 99 types that nobody here handles. No statistics are gathered (ANALYZE).
/// </summary>
internal static class ClaimCost
{
    private const int Cycles = 100;
    private const int BatchSize = 50;

    public static void Run(Bench bench)
    {
        using var folder = new QueueFolder();
        var (large, empty) = (folder.NewQueue(), folder.NewQueue());
        using (var raw = new RawSqlite(large, Durability.Normal))
        {
            Filling.AddFinished(raw, bench.Sizes.Tasks);
            Filling.AddDueNextYear(raw, bench.Sizes.Tasks / 10, priority: 1);
            Filling.AddForeign(raw, bench.Sizes.Tasks / 10);
            raw.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }

        WriteLine($"Filled: {new FileInfo(large).Length / 1e6:N0} MB");
        using var ours = QueueFolder.Open(large);
        using var theirs = QueueFolder.Open(empty);
        foreach (var count in (int[])[1, BatchSize])
        {
            bench.Compare(
                $"claim {count}, large queue (raw: empty queue)", "ms", () => Claim(ours, count).Claim, () => Claim(theirs, count).Claim,
                Target.AtMost(1.3));
            bench.Compare(
                $"complete {count}, large queue (raw: empty queue)", "ms", () => Claim(ours, count).Complete,
                () => Claim(theirs, count).Complete);
        }
    }

    /// <summary>The median time of a claim and of a completion, of tasks that were just added.</summary>
    public static (double Claim, double Complete) Claim(ITaskStore store, int count)
    {
        Spread claims = new(), completions = new();
        for (var cycle = 0; cycle < Cycles; cycle++)
        {
            store.Enqueue(SampleTask.New(count), CancellationToken.None);
            var claimed = claims.Time(() => store.Claim(SampleTask.ClaimOf(count), CancellationToken.None));
            completions.Time(() => store.Change(SampleTask.CompletionOf(claimed), SampleTask.Work, CancellationToken.None));
        }

        return (claims.Median, completions.Median);
    }
}
