using System.Collections.Concurrent;
using System.Diagnostics;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>How soon a process learns of what another one has committed. Both clocks are the machine's.</summary>
internal static class Wakeup
{
    private const int Count = 400;

    public static void Run(BenchmarkServer server, Sizes sizes)
    {
        Watch(server.NewQueue());
        Worker(server.NewQueue());
    }

    private static void Watch(PostgresLocation queue)
    {
        var heard = new ConcurrentQueue<long>();
        using var store = BenchmarkServer.Open(queue);
        using var watch = store.Watch(() => heard.Enqueue(Stopwatch.GetTimestamp()));
        var enqueued = EnqueueElsewhere(queue);
        var calls = heard.Order().ToList();
        Show("Watch calls back", enqueued, task => calls.FirstOrDefault(call => call > task.Called));
    }

    private static void Worker(PostgresLocation queue)
    {
        var handler = new InstantHandler();
        using var store = BenchmarkServer.Open(queue);
        using var worker = new QueueWorker(
            store, new Dictionary<string, ITaskHandler> { [Filling.Type] = handler }, new WorkerOptions { Concurrency = 1 }, Actor.Current("Benchmark"));
        var thread = new Thread(worker.Run);
        thread.Start();
        var enqueued = EnqueueElsewhere(queue);
        worker.Drain();
        thread.Join();
        Show("an idle worker's handler starts", enqueued, task => handler.Started.GetValueOrDefault(task.Id));
    }

    private static List<Enqueued> EnqueueElsewhere(PostgresLocation queue)
    {
        using var child = ChildWork.Start("enqueue", queue.ToString(), $"{Count}");
        var enqueued = new List<Enqueued>();
        while (child.StandardOutput.ReadLine()?.Split(' ') is [var id, var called, var committed])
        {
            enqueued.Add(new(id, long.Parse(called), long.Parse(committed)));
        }

        child.WaitForExit();
        // The last one's answer.
        Thread.Sleep(TimeSpan.FromSeconds(1));
        // The first ones find code that is not compiled yet.
        return enqueued[20..];
    }

    private static void Show(string what, List<Enqueued> enqueued, Func<Enqueued, long> when)
    {
        Spread fromCall = new(), fromCommit = new();
        foreach (var task in enqueued)
        {
            if (when(task) is not 0 and var at)
            {
                fromCall.Add(Stopwatch.GetElapsedTime(task.Called, at).TotalMilliseconds);
                // The answer to the commit may come later than its news.
                fromCommit.Add(Stopwatch.GetElapsedTime(task.Committed, at).TotalMilliseconds);
            }
        }

        Console.WriteLine($"{what}, from the call of Enqueue in another process: {fromCall.ShowLatency()}");
        Console.WriteLine($"{what}, from its return there:                       {fromCommit.ShowLatency()}");
    }

    private readonly record struct Enqueued(string Id, long Called, long Committed);
}
