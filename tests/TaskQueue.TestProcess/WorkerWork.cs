using System.Diagnostics;
using System.Globalization;
using System.Text;
using TaskQueue.Storage;

namespace TaskQueue.TestProcess;

/// <summary>
/// A worker in a process of its own, which can be killed or paused at any moment. Its handlers write to a journal what they do,
/// a line each: <c>ran id attempt</c>, <c>told id ticks</c>, <c>finished id attempt</c>. Tasks of the type <c>wait</c> end once there
/// is a file beside the journal whose name ends in <c>.go</c>.
/// </summary>
internal static class WorkerWork
{
    public static void Work(string[] args)
    {
        using var journal = new Journal(args[1]);
        // However busy the machine is: a wait that ends in an error is a finding.
        using var store = TaskStores.Open(args[0], new StoreOptions { ForWriting = true, Timeout = TimeSpan.FromMinutes(2) });
        var handlers = new Dictionary<string, ITaskHandler>
        {
            ["quick"] = new Handler(execution => Quick(execution, journal)),
            ["nap"] = new Handler(execution => Nap(execution, journal)),
            ["wait"] = new Handler(execution => Wait(execution, journal, args[1] + ".go")),
            ["endless"] = new Handler(execution => Endless(execution, journal)),
        };
        var options = new WorkerOptions
        {
            Concurrency = 4,
            Prefetch = 8,
            LeaseTime = TimeSpan.FromMilliseconds(int.Parse(args[2], CultureInfo.InvariantCulture)),
            GracePeriod = TimeSpan.FromSeconds(5),
            RecoveryBudget = 1000,
        };
        using var worker = new QueueWorker(store, handlers, options, Actor.Current("work"))
        {
            Finished = task => journal.Write($"finished {task.Id} {task.Attempt}"),
            Warned = Console.WriteLine,
        };
        Console.WriteLine("working");
        _ = Task.Run(() =>
        {
            EndOfInput.Await();
            worker.Drain();
        });
        worker.Run();
    }

    private static HandlerOutcome Quick(TaskExecution execution, Journal journal)
    {
        journal.Write($"ran {execution.Task.Id} {execution.Task.Attempt}");
        Thread.Sleep(1);
        return HandlerOutcome.Success();
    }

    private static HandlerOutcome Nap(TaskExecution execution, Journal journal)
    {
        journal.Write($"ran {execution.Task.Id} {execution.Task.Attempt}");
        Thread.Sleep(100);
        return HandlerOutcome.Success($"{execution.Task.Attempt}");
    }

    private static HandlerOutcome Wait(TaskExecution execution, Journal journal, string go)
    {
        journal.Write($"ran {execution.Task.Id} {execution.Task.Attempt}");
        while (!File.Exists(go))
        {
            Thread.Sleep(20);
        }

        return HandlerOutcome.Success($"{execution.Task.Attempt}");
    }

    private static HandlerOutcome Endless(TaskExecution execution, Journal journal)
    {
        journal.Write($"ran {execution.Task.Id} {execution.Task.Attempt}");
        execution.Cancellation.WaitHandle.WaitOne();
        journal.Write($"told {execution.Task.Id} {Stopwatch.GetTimestamp()}");
        return HandlerOutcome.Failure("told to end");
    }

    private sealed class Handler(Func<TaskExecution, HandlerOutcome> run) : ITaskHandler
    {
        public HandlerOutcome Run(TaskExecution execution) => run(execution);
    }

    /// <summary>Appends whole lines; what was written is there also if the process is killed at once.</summary>
    private sealed class Journal(string path) : IDisposable
    {
        private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        private readonly Lock _gate = new();

        public void Write(string line)
        {
            lock (_gate)
            {
                _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            }
        }

        public void Dispose() => _file.Dispose();
    }
}
