using System.Globalization;

namespace TaskQueue.Benchmarks.Sqlite;

/// <summary>Claiming and completing tasks whose handler does nothing, by whole workers, in this process and in several.</summary>
internal static class Drain
{
    private const int Count = 40_000;

    private const int WarmUp = 20_000;
    private const int Prefetch = 128;

    // What people would try who tune.
    private static readonly int[] Prefetches = [32, 128, 500];

    private const int Processes = 4;

    public static void Run(Bench bench)
    {
        foreach (var durability in (Durability[])[Durability.Full, Durability.Normal])
        {
            var target = durability is Durability.Full ? Target.AtLeast(0.8) : null;
            foreach (var slots in (int[])[1, 2, 8])
            {
                Compare(
                    bench, $"slots: {slots}, prefetch {Prefetch}, {durability}", new() { Concurrency = slots, Prefetch = Prefetch },
                    durability, slots == 2 ? target : null);
            }

            using var folder = new QueueFolder();
            bench.Compare(
                $"default settings (raw: the best -Prefetch), {durability}",
                "tasks/s",
                () => Rate(folder, new(), durability),
                () => Prefetches.Max(prefetch => Rate(folder, new() { Prefetch = prefetch }, durability)),
                target);
        }

        Together(bench);
    }

    /// <summary>How many tasks a second a worker runs.</summary>
    public static double Rate(
        QueueFolder folder, WorkerOptions options, Durability durability, int count = Count, TimeSpan handlerTime = default)
    {
        var path = Filling.NewReady(folder, count);
        using var store = QueueFolder.Open(path, durability);
        using var worker = SampleHandler.Worker(store, options with { EndsWhenEmpty = true }, time: handlerTime);
        return Bench.Rate(count, worker.Run);
    }

    private static void Compare(Bench bench, string what, WorkerOptions options, Durability durability, Target? target)
    {
        using var folder = new QueueFolder();
        bench.Compare(
            what,
            "tasks/s",
            () => Rate(folder, options, durability),
            () =>
            {
                using var raw = new RawSqlite(Filling.NewReady(folder, Count), durability);
                return Bench.Rate(Count, () =>
                {
                    while (raw.ClaimAndComplete(SampleTask.Type, Prefetch) > 0)
                    {
                        // Until it is empty.
                    }
                });
            },
            target);
    }

    /// <summary>Four processes on one file beside one: both figures are the product's.</summary>
    private static void Together(Bench bench)
    {
        using var folder = new QueueFolder();
        var shares = new Spread();
        var warnings = new Spread();
        bench.Compare(
            $"{Processes} processes beside 1 process, prefetch {Prefetch}, Full",
            "tasks/s",
            () =>
            {
                var (rate, parts) = InProcesses(folder, Processes);
                shares.Add(parts.Min(part => part.Tasks) * 100.0 / Count);
                warnings.Add(parts.Sum(part => part.Warnings));
                return rate;
            },
            () => InProcesses(folder, 1).Rate,
            Target.AtLeast(0.6));
        bench.Note("the least share of a process", "%", shares, Target.AtLeast(10));
        bench.Note("warnings of a busy queue in all processes", "", warnings, Target.AtMost(0));
    }

    private static (double Rate, List<(int Tasks, int Warnings)> Parts) InProcesses(QueueFolder folder, int count)
    {
        var path = Filling.NewReady(folder, Count);
        var children = Enumerable.Range(0, count)
            .Select(_ => ChildWork.Start("drain", path, Filling.NewReady(folder, WarmUp), "2", $"{Prefetch}"))
            .ToList();
        children.ForEach(child => child.StandardOutput.ReadLine());
        List<(int, int)> parts = [];
        var rate = Bench.Rate(Count, () =>
        {
            children.ForEach(child => child.StandardInput.WriteLine());
            parts = [.. children.Select(child => Part(child.StandardOutput.ReadLine()!))];
        });
        children.ForEach(child => child.WaitForExit());
        children.ForEach(child => child.Dispose());
        return (rate, parts);
    }

    private static (int Tasks, int Warnings) Part(string line) =>
        line.Split(' ').Select(number => int.Parse(number, CultureInfo.InvariantCulture)).ToArray() is [var tasks, var warnings]
            ? (tasks, warnings)
            : throw new InvalidDataException(line);
}
