using System.Diagnostics;
using System.Globalization;
using TaskQueue.Benchmarks.Http;
using TaskQueue.Benchmarks.Shell;
using TaskQueue.Storage;

namespace TaskQueue.Benchmarks;

/// <summary>What another process does in a benchmark. It ends when its input does.</summary>
internal static class ChildWork
{
    public static int Run(string[] order) => order switch
    {
        ["enqueue", var location, var count] => Enqueue(location, Number(count)),
        ["work", var location, var concurrency] => Work(location, Number(concurrency)),
        ["drain", var location, var warmUp, var concurrency, var prefetch] =>
            Drain(location, warmUp, Number(concurrency), Number(prefetch)),
        ["serve", var queue] => Load.Serve(queue),
        ["read", var queue] => Reading.ReadInProcess(queue),
        _ => 2,
    };

    /// <summary>Starts one; what it says is to be read.</summary>
    public static Process Start(params string[] order)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "TaskQueue.Benchmarks" + (OperatingSystem.IsWindows() ? ".exe" : ""));
        var start = new ProcessStartInfo(program, ["child", .. order]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        return Process.Start(start)!;
    }

    /// <summary>Adds tasks one at a time, and says of each when the call began and when it was committed.</summary>
    private static int Enqueue(string location, int count)
    {
        using var store = Open(location);
        for (var index = 0; index < count; index++)
        {
            // Shorter than the 250 ms after which a watch looks by itself, so that each call back belongs to one task.
            Thread.Sleep(Random.Shared.Next(100, 180));
            var task = SampleTask.New();
            var called = Stopwatch.GetTimestamp();
            store.Enqueue([task], CancellationToken.None);
            WriteLine($"{task.Id} {called} {Stopwatch.GetTimestamp()}");
        }

        return 0;
    }

    private static int Work(string location, int concurrency)
    {
        using var store = Open(location);
        using var worker = SampleHandler.Worker(store, new() { Concurrency = concurrency });
        WriteLine("ready");
        new Thread(() =>
        {
            _ = In.ReadToEnd();
            worker.Drain();
        }) { IsBackground = true }.Start();
        worker.Run();
        return 0;
    }

    /// <summary>
    /// Drains a queue so that its code is compiled, says that it is ready, waits for a line, works until the other queue is empty, and says
    /// how many tasks it ran and how often it was warned.
    /// </summary>
    private static int Drain(string location, string warmUp, int concurrency, int prefetch)
    {
        var options = new WorkerOptions { Concurrency = concurrency, Prefetch = prefetch, EndsWhenEmpty = true };
        Run(warmUp);
        WriteLine("ready");
        _ = In.ReadLine();
        WriteLine(Run(location));
        return 0;

        string Run(string queue)
        {
            var warnings = 0;
            using var store = Open(queue);
            using var worker = SampleHandler.Worker(store, options, _ => Interlocked.Increment(ref warnings));
            worker.Run();
            return $"{worker.Counts.Done} {warnings}";
        }
    }

    private static ITaskStore Open(string location) =>
        TaskStores.Open(location, new StoreOptions { ForWriting = true, Timeout = TimeSpan.FromMinutes(1) });

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
