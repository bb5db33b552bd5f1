using System.Diagnostics;
using System.Globalization;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A real PowerShell, or the console host, as a process of its own.</summary>
internal sealed class ShellProcess : IDisposable
{
    // Only to end a test that would hang; no test waits this long when it passes.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly ProcessOutput _output;
    private readonly Task<string> _error;

    private ShellProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _output = new ProcessOutput(_process.StandardOutput, _process.StandardInput);
        _error = _process.StandardError.ReadToEndAsync();
    }

    public static ShellProcess Start(Shell shell, params string[] arguments) =>
        new(Prepare([.. HearingSignals, .. ProgramOf(shell)], arguments));

    /// <summary>One that <c>nohup</c> starts: it is to live on when its terminal is closed.</summary>
    public static ShellProcess StartWithNohup(Shell shell, params string[] arguments) =>
        new(Prepare([.. HearingSignals, "nohup", .. ProgramOf(shell)], arguments));

    /// <summary>
    /// On a terminal of its own: what <see cref="Type"/> writes is typed there.
    /// </summary>
    public static ShellProcess StartOnTerminal(Shell shell, params string[] arguments)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "script, which gives a process a terminal of its own, is a program of Unix.");
        string[] command = [.. ProgramOf(shell), .. arguments];
        // A terminal that nobody opened has no size, which PSReadLine divides by.
        var line = $"stty cols 120 rows 50; exec {string.Join(' ', command.Select(Quoted))}";
        return new ShellProcess(OperatingSystem.IsMacOS()
            ? Prepare(["script", "-q", "/dev/null", "sh", "-c", line], [])
            : Prepare([.. HearingSignals, "script", "--quiet", "--return", "--command", line, "/dev/null"], []));
    }

    /// <summary>Runs to the end with the given text as standard input.</summary>
    public static (int ExitCode, string Output, string Error) Run(Shell shell, string input, params string[] arguments)
    {
        using var process = Start(shell, arguments);
        process.Type(input);
        return process.Finish();
    }

    /// <summary>Runs to the end with the given folder as the one for temporary files.</summary>
    public static (int ExitCode, string Output, string Error) RunWithTemporaryFolder(string folder, Shell shell, params string[] arguments)
    {
        var start = Prepare(ProgramOf(shell), arguments);
        foreach (var name in new[] { "TMPDIR", "TMP", "TEMP" })
            start.Environment[name] = folder;
        using ShellProcess process = new(start);
        return process.Finish();
    }

    /// <summary>Sends a signal by its name, as a terminal or a container's supervisor does.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Ctrl+C, typed at the terminal.</summary>
    public void TypeInterrupt() => Type("\u0003");

    public void Type(string keys)
    {
        _process.StandardInput.Write(keys);
        _process.StandardInput.Flush();
    }

    /// <summary>Waits until the process wrote the text to its standard output.</summary>
    public void ReadUntil(string text) => _output.WaitFor(text, Patience);

    /// <summary>The next line of its standard output.</summary>
    public string ReadLine() => _output.WaitFor("\n", Patience).TrimEnd('\r');

    /// <summary>All it wrote to its standard output; waits for its end.</summary>
    public string ReadToEnd() => _output.ReadToEnd(Patience);

    public bool HasExitedWithin(TimeSpan time) => _process.WaitForExit(time);

    public int WaitForExit() => _process.WaitForExit(Patience)
        ? _process.ExitCode
        : throw new TimeoutException("The process did not end.");

    /// <summary>Kills it alone, which it can do nothing about.</summary>
    public void Kill()
    {
        _process.Kill();
        WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    // Whoever starts the tests in the background, or with nohup, has them ignore signals, and processes inherit that.
    private static string[] HearingSignals => OperatingSystem.IsLinux() ? ["env", "--default-signal=INT,HUP"] : [];

    private static string[] ProgramOf(Shell shell) =>
    [
        RealPowerShell.Dotnet, "exec",
        shell is Shell.Pwsh ? RealPowerShell.Program : Path.Combine(AppContext.BaseDirectory, "TaskQueue.Console.dll"),
        "-NoProfile",
    ];

    private static ProcessStartInfo Prepare(string[] program, string[] arguments)
    {
        ProcessStartInfo start = new(program[0], [.. program[1..], .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        // Where an installed module would be found.
        start.Environment["PSModulePath"] = Path.GetDirectoryName(BuiltModule.Folder)!;
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        // Plain text, of a width that does not depend on who runs the tests.
        start.Environment["NO_COLOR"] = "1";
        start.Environment.Remove("COLUMNS");
        // A worker of another test in this process may have its tasks' marks in the environment just now: the shell would end with them.
        start.Environment.Remove("TASKQUEUE_CLAIM");
        start.Environment.Remove("TASKQUEUE_RUNNING");
        return start;
    }

    private static string Quoted(string argument) => $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private (int ExitCode, string Output, string Error) Finish()
    {
        _process.StandardInput.Close();
        var output = ReadToEnd();
        return (WaitForExit(), Normalized(output), Normalized(_error.Result));
    }

    private static string Normalized(string text) => text.ReplaceLineEndings("\n").Trim();
}
