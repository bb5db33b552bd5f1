using System.Globalization;
using TaskQueue.Benchmarks.Sqlite;
using TaskQueue.Storage;

namespace TaskQueue.Benchmarks;

/// <summary>
/// How soon an idle worker starts a task that another process has added, and what waiting costs it. Both clocks are the machine's.
/// </summary>
internal static class Wakeup
{
    private const int Count = 400;

    // The first ones find code that is not compiled yet.
    private const int WarmUp = 20;

    // So long the runtime goes on compiling what runs now and then, which costs five times what waiting does.
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(20);

    public static void OnSqlite(Bench bench)
    {
        using var folder = new QueueFolder();
        Measure(bench, folder.NewQueue(), p50: 5, p99: 15);
    }

    public static void OnPostgres(Bench bench) => Measure(bench, bench.Server.NewQueue().ToString(), p50: 3, p99: 10);

    private static void Measure(Bench bench, string queue, double p50, double p99)
    {
        var (fromCall, fromCommit) = Start(queue);
        bench.Note(
            $"handler starts after enqueue returned elsewhere, p50 of {fromCommit.Count}", "ms", Spread.Of([fromCommit.Median]),
            Target.AtMost(p50));
        bench.Note("the same, p99", "ms", Spread.Of([fromCommit.At(0.99)]), Target.AtMost(p99));
        bench.Note("handler starts after enqueue was called elsewhere, p50", "ms", Spread.Of([fromCall.Median]));
        bench.Note("the same, p99", "ms", Spread.Of([fromCall.At(0.99)]));
        bench.Note("an idle worker", "% of a core", Spread.Of([IdleCost(queue)]), Target.AtMost(1));
    }

    private static (Spread FromCall, Spread FromCommit) Start(string queue)
    {
        var handler = new TimedHandler();
        using var store = TaskStores.Open(queue, new StoreOptions { ForWriting = true });
        using var worker = new QueueWorker(
            store, new Dictionary<string, ITaskHandler> { [SampleTask.Type] = handler }, new WorkerOptions { Concurrency = 1 },
            Actor.Current("Benchmark"));
        var thread = new Thread(worker.Run);
        thread.Start();
        using var child = ChildWork.Start("enqueue", queue, $"{Count}");
        List<(string Id, long Called, long Committed)> enqueued = [];
        while (child.StandardOutput.ReadLine()?.Split(' ') is [var id, var called, var committed])
        {
            enqueued.Add((id, long.Parse(called, CultureInfo.InvariantCulture), long.Parse(committed, CultureInfo.InvariantCulture)));
        }

        child.WaitForExit();
        // The last one's handler.
        Thread.Sleep(TimeSpan.FromSeconds(1));
        worker.Drain();
        thread.Join();
        var started = enqueued[WarmUp..].ConvertAll(task => (task.Called, task.Committed, At: handler.Started[task.Id]));
        // The answer to the commit may come later than its news.
        return (Spread.Of(
            started.Select(task => Milliseconds(task.Called, task.At))),
            Spread.Of(started.Select(task => Milliseconds(task.Committed, task.At))));
    }

    private static double Milliseconds(long from, long to) => System.Diagnostics.Stopwatch.GetElapsedTime(from, to).TotalMilliseconds;

    private static double IdleCost(string queue)
    {
        using var child = ChildWork.Start("work", queue, "4");
        child.StandardOutput.ReadLine();
        Thread.Sleep(SettlingTime);
        child.Refresh();
        var before = child.TotalProcessorTime;
        Thread.Sleep(IdleTime);
        child.Refresh();
        var used = child.TotalProcessorTime - before;
        child.StandardInput.Close();
        child.WaitForExit();
        return used / IdleTime * 100;
    }
}
