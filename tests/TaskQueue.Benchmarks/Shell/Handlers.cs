using System.Management.Automation;
using System.Management.Automation.Runspaces;
using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>Script blocks as handlers, beside a bare runspace pool that runs the same blocks without a queue.</summary>
internal static class Handlers
{
    private const int Count = 5_000;
    private const int Slots = 8;

    // What people would try who tune.
    private static readonly string[] Prefetches = ["32", "128"];

    private const string Block = "param($Task) $sum = 0; foreach ($number in 1..200) { $sum += $number }; \"$($Task.Data.to) $sum\"";

    public static void Run(Bench bench)
    {
        using var shell = new ModuleShell();
        using var folder = new QueueFolder();
        using var pool = RunspaceFactory.CreateRunspacePool(InitialSessionState.CreateDefault2());
        pool.SetMaxRunspaces(Slots);
        pool.SetMinRunspaces(Slots);
        pool.Open();
        bench.Compare(
            $"script block handlers, {Slots} slots",
            "tasks/s",
            () => Rate(shell, folder, "Auto"),
            () => Bench.Rate(Count, () => InPool(pool)),
            Target.AtLeast(0.7));
        bench.Compare(
            $"script block handlers, {Slots} slots (raw: the best -Prefetch)",
            "tasks/s",
            () => Rate(shell, folder, "Auto"),
            () => Prefetches.Max(prefetch => Rate(shell, folder, prefetch)),
            Target.AtLeast(0.9));
    }

    private static double Rate(ModuleShell shell, QueueFolder folder, string prefetch)
    {
        var queue = Filling.NewReady(folder, Count);
        return Bench.Rate(Count, () => shell.Run(
            $"Start-QueueWorker -Queue $queue -Type {SampleTask.Type} -Handler {{ {Block} }} -Concurrency {Slots} -Prefetch {prefetch} "
                + "-Drain | Out-Null", ("queue", queue)));
    }

    private static void InPool(RunspacePool pool)
    {
        var task = new PSObject();
        task.Properties.Add(new PSNoteProperty("Data", new PSObject(new System.Collections.Hashtable { ["to"] = "someone@example.org" })));
        var left = Count;
        OnThreads.Run(Slots, () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using var pipeline = System.Management.Automation.PowerShell.Create();
                pipeline.RunspacePool = pool;
                _ = pipeline.AddScript(Block).AddArgument(task).Invoke();
            }
        });
    }
}
