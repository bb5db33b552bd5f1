using System.Globalization;
using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>Get-QueueTask of a whole queue into a pipeline, beside a reader of all columns.</summary>
internal static class Reading
{
    private const int Count = 100_000;
    private const int ManyTasks = 1_000_000;

    public static void Run(Bench bench)
    {
        using var folder = new QueueFolder();
        var (ours, theirs) = (Filling.NewFinished(folder, Count), Filling.NewFinished(folder, Count));
        using (var shell = new ModuleShell())
        {
            bench.Compare(
                $"Get-QueueTask of {Count:N0} | Out-Null",
                "ms",
                () => Bench.Milliseconds(() => shell.Run("Get-QueueTask -Queue $queue | Out-Null", ("queue", ours))),
                () => Bench.Milliseconds(() => ReadAll(theirs)),
                Target.AtMost(2.5));
        }

        var many = Filling.NewFinished(folder, ManyTasks);
        bench.Note(
            $"Get-QueueTask of {ManyTasks:N0} | Out-Null, peak memory of the process", "MB", Spread.Of([PeakOf(many)]), Target.AtMost(250));
    }

    /// <summary>In a process of its own: reads the whole queue, and says how much memory it had at the most, in MB.</summary>
    public static int ReadInProcess(string queue)
    {
        using (var shell = new ModuleShell())
        {
            shell.Run("Get-QueueTask -Queue $queue | Out-Null", ("queue", queue));
        }

        using var self = System.Diagnostics.Process.GetCurrentProcess();
        WriteLine(self.PeakWorkingSet64 / 1e6);
        return 0;
    }

    private static double PeakOf(string queue)
    {
        using var child = ChildWork.Start("read", queue);
        var peak = double.Parse(child.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        child.WaitForExit();
        return peak;
    }

    private static void ReadAll(string path)
    {
        using var raw = new RawSqlite(path);
        using var command = raw.Command("SELECT * FROM task ORDER BY seq");
        using var reader = command.ExecuteReader();
        var values = new object[reader.FieldCount];
        while (reader.Read())
        {
            reader.GetValues(values);
        }
    }
}
