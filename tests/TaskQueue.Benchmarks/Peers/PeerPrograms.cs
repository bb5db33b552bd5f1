using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace TaskQueue.Benchmarks.Peers;

/// <summary>The other queues and their drivers, installed by npm in a folder that goes when this is disposed of.</summary>
internal sealed class PeerPrograms : IDisposable
{
    /// <summary>What graphile-worker asks for; npm brings a later one where it can.</summary>
    private static readonly Version OldestNode = new(22, 18);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("taskqueue-bench-peers-");
    private readonly string _node;

    /// <exception cref="Win32Exception">There is no npm, or no Node.</exception>
    /// <exception cref="InvalidOperationException">npm could not install them, or Node is too old.</exception>
    public PeerPrograms()
    {
        try
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Peers")))
            {
                File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)));
            }

            // What the packages need of compiled code lies ready in them: no script of theirs has to run.
            Run(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
            _node = Directory.EnumerateDirectories(Path.Combine(_folder.FullName, "node_modules"), "node-*")
                .Select(package => Path.Combine(package, "bin", OperatingSystem.IsWindows() ? "node.exe" : "node"))
                .FirstOrDefault(File.Exists) ?? "node";
            EnsureNodeIsNew();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How many jobs a second a peer runs, after it has run a tenth of them to warm up.</summary>
    /// <param name="peer">The name of its driver.</param>
    /// <param name="location">An empty database, or a file that is not there yet.</param>
    /// <param name="isBest">With its best documented settings, not as it comes.</param>
    /// <param name="jobs">How many it runs.</param>
    /// <param name="handlerTime">How long each takes.</param>
    public double Rate(string peer, string location, bool isBest, int jobs, TimeSpan handlerTime)
    {
        var said = Run(
            _node,
            [
                $"{peer}.mjs", location, isBest ? "best" : "default", $"{jobs}", $"{(jobs + 9) / 10}",
                handlerTime.TotalMilliseconds.ToString(CultureInfo.InvariantCulture),
            ]);
        using var result = JsonDocument.Parse(said);
        return result.RootElement.GetProperty("jobsPerSecond").GetDouble();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void EnsureNodeIsNew()
    {
        var said = Run(_node, ["--version"]).Trim();
        if (!Version.TryParse(said.TrimStart('v'), out var version) || version < OldestNode)
        {
            throw new InvalidOperationException($"Node is {said}; the peers need {OldestNode} or later.");
        }
    }

    /// <summary>Runs a program to its end, in the folder; returns what it says.</summary>
    private string Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder.FullName, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result.Trim()}");
    }
}
