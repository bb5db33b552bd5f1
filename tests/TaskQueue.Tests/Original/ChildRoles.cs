using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using TaskQueue.Storage;

namespace TaskQueue.Tests.Original;

/// <summary>What a child process can be.</summary>
internal static class ChildRoles
{
    /// <summary>Writes the name and the hash of each file in a folder.</summary>
    public static void Fingerprint(string[] arguments)
    {
        foreach (var path in Directory.EnumerateFiles(arguments[0]).Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(path);
            Console.WriteLine($"{Path.GetFileName(path)} {Convert.ToHexString(SHA256.HashData(stream))}");
        }
    }

    /// <summary>Writes the ages in hours of the tasks a cleanup would stop, as the incident's moment and this process's zone have them.</summary>
    public static void Plan(string[] arguments)
    {
        using var store = TaskStores.Open(arguments[0], new StoreOptions { Time = new FixedTime(FixedTime.Incident) });
        var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy(), CancellationToken.None);
        Console.Write(string.Join(" ", plan.Stuck.Select(task => task.Age!.Value.TotalHours.ToString("0.0", CultureInfo.InvariantCulture))));
        Console.Write(" of " + plan.Found.Count.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Begins a write that reaches the file, says so, and waits to be killed.</summary>
    public static void WriteUntilKilled(string[] arguments)
    {
        using var connection = Connect(arguments[0]);
        // A cache of a few pages spills into the file at once, so that the journal is needed to undo it.
        Execute(connection, "PRAGMA cache_size = 5; BEGIN IMMEDIATE; UPDATE task_queue SET data = zeroblob(20000), status = 'lost'");
        Console.WriteLine("written");
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>The original's worker: completes tasks one by one, a connection each, waiting 5 s for a lock, without a look at their status.</summary>
    public static void CompleteTasks(string[] arguments)
    {
        Console.WriteLine("started");
        foreach (var number in Enumerable.Range(0, int.Parse(arguments[1], CultureInfo.InvariantCulture)))
        {
            using var connection = Connect(arguments[0]);
            Execute(
                connection,
                $$"""
                UPDATE task_queue SET status = 'success', result = '{"success": true}', completed_at = '2025-12-19T16:54:56.000001',
                    updated_at = '2025-12-19 08:54:56'
                WHERE task_id = 'task_{{number}}'
                """);
        }

        Console.WriteLine("done");
    }

    /// <summary>Stops tasks by force, each in a transaction of its own, until it is killed.</summary>
    public static void StopTasks(string[] arguments)
    {
        using var store = TaskStores.Open(arguments[0], new StoreOptions { ForWriting = true });
        foreach (var number in Enumerable.Range(0, int.Parse(arguments[1], CultureInfo.InvariantCulture)))
        {
            store.Change([new ForceCancelTask($"task_{number}")], new Operation { Kind = "force cancel", Actor = Actor.Current("test") }, CancellationToken.None);
            if (number == 0)
            {
                Console.WriteLine("started");
            }
        }
    }

    private static SqliteConnection Connect(string path)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ConnectionString);
        connection.Open();
        return connection;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
