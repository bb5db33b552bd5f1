using System.Diagnostics;

namespace TaskQueue.Benchmarks.Shell;

/// <summary>
/// What importing the module adds to <c>pwsh -NoProfile</c>, and the first command after it: each in a real PowerShell of its own.
/// </summary>
internal static class ModuleImport
{
    private const string Nothing = "1 | Out-Null";
    private const string Import = "Import-Module $env:BENCHMARK_MODULE";
    private const string Read = $"{Import}; Get-QueueTask -Queue $env:BENCHMARK_QUEUE -First 10 | Out-Null";

    public static void Run(Bench bench)
    {
        using var folder = new Sqlite.QueueFolder();
        var queue = Sqlite.Filling.NewFinished(folder, 1_000);
        var empty = EmptyModule(folder.NewPath());
        Spread bare = new(), overBare = new(), overEmpty = new(), first = new();
        for (var round = 0; round <= bench.Sizes.Rounds; round++)
        {
            var (starts, imports, reads) = (Process(
                Nothing), Process(Import, BuiltModule.Manifest), Process(Read, BuiltModule.Manifest, queue));
            var importsEmpty = Process(Import, empty);
            if (round > 0)
            {
                bare.Add(starts);
                overBare.Add(imports - starts);
                overEmpty.Add(imports - importsEmpty);
                first.Add(reads - imports);
            }
        }

        bench.Note("pwsh -NoProfile, start to end", "ms", bare);
        bench.Note("import, over pwsh -NoProfile", "ms", overBare, Target.AtMost(150));
        bench.Note("import, over that of a module without anything", "ms", overEmpty);
        bench.Note("first Get-QueueTask -First 10, over the import", "ms", first);
    }

    /// <summary>What importing itself costs, whatever the module.</summary>
    private static string EmptyModule(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "Empty.psm1"), "");
        var manifest = Path.Combine(folder, "Empty.psd1");
        File.WriteAllText(
            manifest,
            "@{ ModuleVersion = '1.0'; RootModule = 'Empty.psm1'; FunctionsToExport = @(); CmdletsToExport = @(); AliasesToExport = @() }");
        return manifest;
    }

    private static double Process(string script, string module = "", string queue = "") => Bench.Milliseconds(() =>
    {
        var start = new ProcessStartInfo(
            RealPowerShell.Dotnet, ["exec", RealPowerShell.Program, "-NoProfile", "-NonInteractive", "-Command", script])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["BENCHMARK_MODULE"] = module;
        start.Environment["BENCHMARK_QUEUE"] = queue;
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        using var shell = System.Diagnostics.Process.Start(start)!;
        shell.WaitForExit();
        if (shell.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{script}' ended with {shell.ExitCode}.");
        }
    });
}
