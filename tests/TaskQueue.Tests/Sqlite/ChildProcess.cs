using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>Another process that uses a queue; see the verbs of TaskQueue.TestProcess.</summary>
internal sealed class ChildProcess : IDisposable
{
    // Only reached when something hangs: no test waits for time to pass.
    private const int LongestWaitMilliseconds = 60_000;

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly Task<string> _errors;

    private ChildProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
        new Thread(ReadLines) { IsBackground = true }.Start();
    }

    public static ChildProcess Start(params string[] arguments)
    {
        var name = OperatingSystem.IsWindows() ? "TaskQueue.TestProcess.exe" : "TaskQueue.TestProcess";
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, name), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Runs a verb that ends by itself and returns what it printed.</summary>
    public static string Run(params string[] arguments)
    {
        using var child = Start(arguments);
        return string.Join('\n', child.Finish());
    }

    public string ReadLine() =>
        _lines.TryTake(out var line, LongestWaitMilliseconds) ? line : throw new InvalidOperationException($"The child printed nothing more. {Errors}");

    public List<string> ReadLines(int count) => [.. Enumerable.Range(0, count).Select(_ => ReadLine())];

    public void SendLine() => _process.StandardInput.WriteLine();

    /// <summary>Ends the input, so that the child finishes what it does, and returns the rest of what it printed.</summary>
    public List<string> Finish()
    {
        _process.StandardInput.Close();
        var rest = Rest();
        Assert.True(_process.ExitCode == 0, Errors);
        return rest;
    }

    /// <summary>Kills the child, which can do nothing about it, and returns the rest of what it had printed.</summary>
    public List<string> Kill()
    {
        _process.Kill();
        return Rest();
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

    private List<string> Rest()
    {
        Assert.True(_process.WaitForExit(LongestWaitMilliseconds), "The child did not end.");
        return [.. _lines.GetConsumingEnumerable()];
    }

    private void ReadLines()
    {
        while (_process.StandardOutput.ReadLine() is { } line)
        {
            _lines.Add(line);
        }

        _lines.CompleteAdding();
    }
}
