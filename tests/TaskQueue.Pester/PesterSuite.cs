using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using TaskQueue.TestPostgres;

namespace TaskQueue.Pester;

/// <summary>One run of the suite, in a PowerShell of its own.</summary>
internal static class PesterSuite
{
    /// <summary>Runs the tests, or lists them; a suite that could not be run is one failed test that says why.</summary>
    public static async IAsyncEnumerable<PesterTest> ReadAsync(
        string pesterVersion, bool runs, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // The tests write what they like to the standard output: results go to a file.
        var results = Path.GetTempFileName();
        try
        {
            var failure = await RunAsync(pesterVersion, runs, results, cancellation);
            foreach (var line in await File.ReadAllLinesAsync(results, cancellation))
                yield return JsonSerializer.Deserialize<PesterTest>(line)!;
            if (failure is not null)
                yield return new PesterTest("The suite runs to its end", "Failed", failure);
        }
        finally
        {
            File.Delete(results);
        }
    }

    private static async Task<string?> RunAsync(string pesterVersion, bool runs, string results, CancellationToken cancellation)
    {
        string program;
        try
        {
            program = RealPowerShell.Program;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }

        var pester = Path.Combine(RealPowerShell.Package("pester", pesterVersion), "tools", "Pester.psd1");
        var script = Path.Combine(AppContext.BaseDirectory, "Invoke-Suite.ps1");
        ProcessStartInfo start = new(
            RealPowerShell.Dotnet,
            [
                "exec", program, "-NoProfile", "-NonInteractive", "-File", script, "-Pester", pester, "-Results", results,
                $"-ListOnly:${!runs}",
            ])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        if (PostgresCluster.CanBeShared)
            start.Environment[PostgresCluster.ServerVariable] = PostgresCluster.Shared.Superuser.ToString();
        // An older suite of the machine's must not be found instead.
        start.Environment.Remove("PSModulePath");

        using var suite = Process.Start(start)!;
        using var stop = cancellation.Register(() => suite.Kill(entireProcessTree: true));
        suite.StandardInput.Close();
        var errors = suite.StandardError.ReadToEndAsync(cancellation);
        var output = await suite.StandardOutput.ReadToEndAsync(cancellation);
        await suite.WaitForExitAsync(cancellation);
        return suite.ExitCode == 0 ? null : $"PowerShell ended with {suite.ExitCode}.\n{output}\n{await errors}";
    }
}
