using System.Collections.Concurrent;
using System.Diagnostics;

namespace TaskQueue.Tests;

/// <summary>Another process that uses a queue; see the verbs of TaskQueue.TestProcess.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly Task<string> _errors;

    private ChildProcess(ProcessStartInfo start)
    {
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
        new Thread(ReadLines) { IsBackground = true }.Start();
    }

    // Its own folder: beside a program with the module loaded, a second TaskQueue.dll would be found first.
    public static string Program { get; } = FindProgram();

    public static ChildProcess Start(params string[] arguments) => new(Prepare(arguments));

    /// <summary>The same with an environment of its own.</summary>
    public static ChildProcess StartIn(Action<IDictionary<string, string?>> environment, params string[] arguments)
    {
        var start = Prepare(arguments);
        environment(start.Environment);
        return new ChildProcess(start);
    }

    /// <summary>Runs a verb that ends by itself and returns what it printed.</summary>
    public static string Run(params string[] arguments) => Run(Prepare(arguments));

    /// <summary>The same in a process whose local time is that of <paramref name="zone"/>.</summary>
    public static string RunInTimeZone(string zone, params string[] arguments)
    {
        var start = Prepare(arguments);
        start.Environment["TZ"] = zone;
        return Run(start);
    }

    /// <summary>Any other program.</summary>
    public static ChildProcess StartProgram(string program, params string[] arguments) => new(PrepareProgram(program, arguments));

    public int Id => _process.Id;

    /// <summary>True once the child has ended, by itself or killed.</summary>
    public bool HasEnded => _process.HasExited;

    public string ReadLine() =>
        _lines.TryTake(out var line, HangGuard.Longest)
            ? line
            : throw new InvalidOperationException($"The child printed nothing more. {Errors}");

    public List<string> ReadLines(int count) => [.. Enumerable.Range(0, count).Select(_ => ReadLine())];

    public void SendLine(string line = "") => _process.StandardInput.WriteLine(line);

    /// <summary>Ends the input, so that the child finishes what it does, and returns the rest of what it printed.</summary>
    public List<string> Finish()
    {
        _process.StandardInput.Close();
        var rest = Rest();
        return _process.ExitCode == 0 ? rest : throw new InvalidOperationException($"The child ended with {_process.ExitCode}. {Errors}");
    }

    /// <summary>Kills the child, which can do nothing about it, and returns the rest of what it had printed.</summary>
    public List<string> Kill()
    {
        _process.Kill();
        return Rest();
    }

    /// <summary>Sends a signal by its name, such as STOP or CONT; not on Windows.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private string Errors => _process.HasExited ? _errors.Result : "It still runs.";

    private static string Run(ProcessStartInfo start)
    {
        using var child = new ChildProcess(start);
        return string.Join('\n', child.Finish());
    }

    private static ProcessStartInfo Prepare(string[] arguments) => PrepareProgram(Program, arguments);

    private static ProcessStartInfo PrepareProgram(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A worker of another test in this process may have its tasks' marks in the environment just now: the child would end with them.
        start.Environment.Remove("TASKQUEUE_CLAIM");
        start.Environment.Remove("TASKQUEUE_RUNNING");
        return start;
    }

    // …/tests/<project>/bin/<configuration>/<framework>, with the project exchanged.
    private static string FindProgram()
    {
        const string Project = "TaskQueue.TestProcess";
        var framework = new DirectoryInfo(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var tests = framework.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(
            tests, Project, "bin", framework.Parent.Name, framework.Name, Project + (OperatingSystem.IsWindows() ? ".exe" : ""));
    }

    private List<string> Rest() => _process.WaitForExit(HangGuard.Longest)
        ? [.. _lines.GetConsumingEnumerable()]
        : throw new InvalidOperationException("The child did not end.");

    private void ReadLines()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            _lines.Add(line);
        }

        _lines.CompleteAdding();
    }
}
