using System.Diagnostics;
using System.Globalization;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The built console host as a process of its own.</summary>
internal sealed class ConsoleProcess : IDisposable
{
    // Only to end a test that would hang; no test waits this long when it passes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly Task<string> _error;

    private ConsoleProcess(Process process)
    {
        _process = process;
        _error = process.StandardError.ReadToEndAsync();
    }

    public TextReader Output => _process.StandardOutput;

    /// <summary>All it wrote to its standard error; waits for its end.</summary>
    public string ErrorText => _error.Result;

    public TextWriter Input => _process.StandardInput;

    public static ConsoleProcess Start(params string[] arguments) => new(Process.Start(Prepare(arguments))!);

    private static ProcessStartInfo Prepare(string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.ArgumentList.Add("exec");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "TaskQueue.Console.dll"));
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        // The width must not depend on who runs the tests.
        start.Environment.Remove("COLUMNS");
        return start;
    }

    /// <summary>Runs to the end with the given text as standard input.</summary>
    public static (int ExitCode, string Output, string Error) Run(string input, params string[] arguments)
    {
        using ConsoleProcess console = Start(arguments);
        console.Input.Write(input);
        return console.Finish();
    }

    /// <summary>Runs to the end with the given folder as the one for temporary files.</summary>
    public static (int ExitCode, string Output, string Error) RunWithTemporaryFolder(string folder, params string[] arguments)
    {
        ProcessStartInfo start = Prepare(arguments);
        foreach (string name in new[] { "TMPDIR", "TMP", "TEMP" })
            start.Environment[name] = folder;
        using ConsoleProcess console = new(Process.Start(start)!);
        return console.Finish();
    }

    /// <summary>Sends a signal by its name, as a terminal or a container's supervisor does.</summary>
    public void Signal(string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public bool HasExitedWithin(TimeSpan time) => _process.WaitForExit(time);

    public int WaitForExit() => _process.WaitForExit(Patience)
        ? _process.ExitCode
        : throw new TimeoutException("The console host did not end.");

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private (int ExitCode, string Output, string Error) Finish()
    {
        Input.Close();
        string output = Output.ReadToEnd();
        return (WaitForExit(), Normalized(output), Normalized(_error.Result));
    }

    private static string Normalized(string text) => text.ReplaceLineEndings("\n").Trim();
}
