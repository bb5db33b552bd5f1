using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>Copy-TaskQueue of a million tasks to a new queue, beside one INSERT … SELECT between two files.</summary>
internal static class Copying
{
    private const int Count = 1_000_000;

    public static void Run(Bench bench)
    {
        using var shell = new ModuleShell();
        using var folder = new QueueFolder();
        var (ours, theirs) = (Filling.NewFinished(folder, Count), Filling.NewFinished(folder, Count));
        bench.Compare(
            $"Copy-TaskQueue of {Count:N0}",
            "ms",
            () =>
            {
                var target = folder.NewPath();
                var time = Bench.Milliseconds(
                    () => shell.Run("Copy-TaskQueue -Queue $source -Destination $target | Out-Null", ("source", ours), ("target", target)));
                folder.Delete(target);
                return time;
            },
            () =>
            {
                var target = folder.NewQueue();
                double time;
                using (var raw = new RawSqlite(target))
                {
                    raw.Execute($"ATTACH '{theirs}' AS source");
                    time = Bench.Milliseconds(() => raw.Execute("INSERT INTO main.task SELECT * FROM source.task"));
                }

                folder.Delete(target);
                return time;
            },
            Target.AtMost(2));
    }
}
