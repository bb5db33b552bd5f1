using System.Globalization;
using TaskQueue.Storage;

namespace TaskQueue.TestProcess;

/// <summary>A second user of a queue in the original's layout, or the original service itself.</summary>
internal static class OriginalWork
{
    /// <summary>In this process's time zone, which must play no part.</summary>
    public static void Plan(string[] args)
    {
        using var store = TaskStores.Open(args[0], new StoreOptions { Time = new ManualTime(OriginalDatabase.Incident) });
        var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy(), CancellationToken.None);
        var ages = plan.Stuck.Select(task => task.Age!.Value.TotalHours.ToString("0.0", CultureInfo.InvariantCulture));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{string.Join(" ", ages)} of {plan.Found.Count}"));
    }

    /// <summary>Each stop is a transaction of its own.</summary>
    public static void StopTasks(string[] args)
    {
        using var store = TaskStores.Open(args[0], new StoreOptions { ForWriting = true });
        var operation = new NewOperation { Kind = "force cancel", Actor = Actor.Current("stop-tasks") };
        foreach (var number in Numbers(args[1]))
        {
            store.Change([new ForceCancelTask($"task_{number}")], operation, CancellationToken.None);
            if (number == 0)
            {
                Console.WriteLine("started");
            }
        }
    }

    /// <summary>Completes tasks one by one, a connection each, without a look at their status.</summary>
    public static void Serve(string[] args)
    {
        Console.WriteLine("started");
        foreach (var number in Numbers(args[1]))
        {
            using var connection = RawDatabase.Open(args[0]);
            connection.Execute(
                $$"""
                UPDATE task_queue SET status = 'success', result = '{"success": true}', completed_at = '2025-12-19T16:54:56.000001',
                    updated_at = '2025-12-19 08:54:56'
                WHERE task_id = 'task_{{number}}'
                """);
        }

        Console.WriteLine("done");
    }

    public static void WriteUntilKilled(string[] args)
    {
        using var connection = RawDatabase.Open(args[0]);
        // A cache of a few pages spills into the file at once, so that the journal is needed to undo it.
        connection.Execute("PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE task_queue SET data = zeroblob(20000), status = 'lost'");
        Console.WriteLine("written");
        EndOfInput.Await();
    }

    public static void MakeIncident(string[] args)
    {
        var database = new OriginalDatabase(args[0]);
        database.Create();
        database.AddIncident(DateTimeOffset.UtcNow);
    }

    public static void PrintFrame(string[] args) => Console.WriteLine(new OriginalDatabase(args[0]).Frame());

    public static void RunSql(string[] args)
    {
        foreach (var row in RawDatabase.Rows(args[0], args[1]))
        {
            Console.WriteLine(string.Join("|", row.Values).ReplaceLineEndings(@"\n"));
        }
    }

    private static IEnumerable<int> Numbers(string count) => Enumerable.Range(0, int.Parse(count, CultureInfo.InvariantCulture));
}
