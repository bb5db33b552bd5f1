namespace TaskQueue.Benchmarks.Shell;

/// <summary>What importing the module adds to a process with a bare PowerShell engine, and the first command after it.</summary>
internal static class ModuleImport
{
    private const string None = "none";

    public static void Run(Bench bench)
    {
        using var folder = new Sqlite.QueueFolder();
        var queue = Sqlite.Filling.NewFinished(folder, 1_000);
        Spread added = new(), first = new();
        for (var round = 0; round <= bench.Sizes.Rounds; round++)
        {
            var bare = Process(None);
            var imported = Process("import");
            var read = Process(queue);
            if (round > 0)
            {
                added.Add(imported - bare);
                first.Add(read - imported);
            }
        }

        bench.Note("import, over a process with a bare engine", "ms", added, Target.AtMost(150));
        bench.Note("first Get-QueueTask -First 10, over a process that only imports", "ms", first);
    }

    /// <summary>In a process of its own: opens an engine, with the module or without, and may read a queue.</summary>
    public static int OpenInProcess(string queue)
    {
        using var shell = queue == None ? ModuleShell.WithoutModule() : ModuleShell.WithModule();
        if (File.Exists(queue))
        {
            shell.Run("Get-QueueTask -Queue $queue -First 10 | Out-Null", ("queue", queue));
        }
        else
        {
            shell.Run("1 | Out-Null");
        }

        return 0;
    }

    private static double Process(string queue) => Bench.Milliseconds(() =>
    {
        using var child = ChildWork.Start("open", queue);
        child.WaitForExit();
    });
}
