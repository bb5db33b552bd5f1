using TaskQueue.Console;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>What importing the module adds to a process with a bare PowerShell engine, and the first command after it.</summary>
internal static class ModuleImport
{
    private const string Nothing = "";

    public static void Run(Bench bench)
    {
        using var folder = new Sqlite.QueueFolder();
        var queue = Sqlite.Filling.NewFinished(folder, 1_000);
        var module = ModuleLocation.FindManifest();
        var empty = EmptyModule(folder.NewPath());
        Spread overBare = new(), overEmpty = new(), first = new();
        for (var round = 0; round <= bench.Sizes.Rounds; round++)
        {
            var (bare, imports, reads) = (Process(Nothing, Nothing), Process(module, Nothing), Process(module, queue));
            var importsEmpty = Process(empty, Nothing);
            if (round > 0)
            {
                overBare.Add(imports - bare);
                overEmpty.Add(imports - importsEmpty);
                first.Add(reads - imports);
            }
        }

        bench.Note("import, over a process with a bare engine", "ms", overBare, Target.AtMost(150));
        bench.Note("import, over a process that imports a module without anything", "ms", overEmpty);
        bench.Note("first Get-QueueTask -First 10, over a process that only imports", "ms", first);
    }

    /// <summary>In a process of its own: opens an engine, with a module or without, and may read a queue.</summary>
    public static int OpenInProcess(string manifest, string queue)
    {
        using var shell = new ModuleShell(manifest == Nothing ? null : manifest);
        shell.Run(queue == Nothing ? "1 | Out-Null" : "Get-QueueTask -Queue $queue -First 10 | Out-Null", ("queue", queue));
        return 0;
    }

    /// <summary>What importing itself costs: the engine of the package is compiled as it runs, PowerShell's own is not.</summary>
    private static string EmptyModule(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Empty.psm1"), "");
        var manifest = Path.Combine(folder, "Empty.psd1");
        File.WriteAllText(manifest, "@{ ModuleVersion = '1.0'; RootModule = 'Empty.psm1'; FunctionsToExport = @(); CmdletsToExport = @(); AliasesToExport = @() }");
        return manifest;
    }

    private static double Process(string manifest, string queue) => Bench.Milliseconds(() =>
    {
        using var child = ChildWork.Start("open", manifest, queue);
        child.WaitForExit();
    });
}
