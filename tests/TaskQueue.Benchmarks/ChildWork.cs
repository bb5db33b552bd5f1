using System.Diagnostics;
using System.Globalization;
using TaskQueue.Benchmarks.Http;
using TaskQueue.Benchmarks.PostgreSql;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks;

/// <summary>What another process does in a benchmark. It ends when its input does.</summary>
internal static class ChildWork
{
    public static int Run(string[] order) => order switch
    {
        ["enqueue", var location, var count] => Enqueue(location, int.Parse(count, CultureInfo.InvariantCulture)),
        ["work", var location, var concurrency] => Work(location, int.Parse(concurrency, CultureInfo.InvariantCulture)),
        ["serve", var queue] => Load.Serve(queue),
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
        using var store = BenchmarkServer.Open(PostgresLocation.Parse(location) with { Schema = SchemaOf(location) });
        for (var index = 0; index < count; index++)
        {
            // Shorter than the 250 ms after which a watch looks by itself, so that each call back belongs to one task.
            Thread.Sleep(Random.Shared.Next(100, 180));
            var task = new NewTask { Type = Filling.Type, DataJson = Filling.Data };
            var called = Stopwatch.GetTimestamp();
            store.Enqueue([task], CancellationToken.None);
            Console.WriteLine($"{task.Id} {called} {Stopwatch.GetTimestamp()}");
        }

        return 0;
    }

    private static int Work(string location, int concurrency)
    {
        using var store = BenchmarkServer.Open(PostgresLocation.Parse(location) with { Schema = SchemaOf(location) });
        using var worker = new QueueWorker(
            store,
            new Dictionary<string, ITaskHandler> { [Filling.Type] = new InstantHandler() },
            new WorkerOptions { Concurrency = concurrency },
            Actor.Current("Benchmark"));
        Console.WriteLine("ready");
        new Thread(() =>
        {
            _ = Console.In.ReadToEnd();
            worker.Drain();
        }) { IsBackground = true }.Start();
        worker.Run();
        return 0;
    }

    private static string SchemaOf(string location) => location[(location.IndexOf("schema=", StringComparison.Ordinal) + "schema=".Length)..];
}
