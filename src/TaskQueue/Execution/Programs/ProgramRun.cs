using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.ExceptionServices;

namespace TaskQueue;

/// <summary>A task's program while it runs, with all that it starts.</summary>
internal sealed class ProgramRun : IDisposable
{
    /// <summary>The largest result, in bytes: 10 MB.</summary>
    public const int LargestResult = 10 * 1024 * 1024;

    /// <summary>How much of its standard error is kept, in bytes: 32 KB.</summary>
    public const int LargestError = 32 * 1024;

    private const int ThreadStack = 256 * 1024;

    // After the program has ended its output is complete. Only a process that it left behind can still hold the pipe open.
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(2);

    private readonly Process _process;
    private readonly int _id;
    private readonly Guid _token;
    private readonly WindowsJob? _job;
    private readonly Thread[] _readers;
    private ExceptionDispatchInfo? _failure;

    private ProgramRun(Process process, Guid token, WindowsJob? job, byte[] input)
    {
        _process = process;
        _id = process.Id;
        _token = token;
        _job = job;
        Begin("input", () => Write(process.StandardInput.BaseStream, input));
        _readers =
        [
            Begin("output", () => Read(process.StandardOutput.BaseStream, Output)),
            Begin("errors", () => Read(process.StandardError.BaseStream, Errors)),
        ];
    }

    /// <summary>What it wrote to its standard output.</summary>
    public OutputHead Output { get; } = new(LargestResult);

    /// <summary>The end of what it wrote to its standard error.</summary>
    public OutputTail Errors { get; } = new(LargestError);

    /// <summary>Once it has ended: its exit code; 128 and the signal's number after a signal.</summary>
    public int ExitCode => _process.ExitCode;

    /// <param name="filePath">What to call it.</param>
    /// <param name="start">How to start it.</param>
    /// <param name="task">The task it is to run.</param>
    /// <exception cref="ProgramStartException">It cannot be started.</exception>
    public static ProgramRun Start(string filePath, ProcessStartInfo start, QueueTask task)
    {
        var input = TaskInput.Of(task);
        var job = OperatingSystem.IsWindows() ? WindowsJob.TryCreate() : null;
        try
        {
            var process = Process.Start(start)!;
            job?.Add(process.SafeHandle);
            return new ProgramRun(process, ProgramStart.TokenOf(task), job, input);
        }
        catch (Win32Exception error)
        {
            job?.Dispose();
            throw new ProgramStartException($"'{filePath}' cannot be started: {error.Message}", IsLasting(error.NativeErrorCode), error);
        }
    }

    /// <summary>Asks the program to end. Does not wait, never throws.</summary>
    public void RequestEnd()
    {
        if (_process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            // Fails where the worker has no console, as in a service. Then there is no gentle way to end the program.
            _ = WindowsCalls.SendConsoleEvent(WindowsCalls.ControlBreak, _id);
        }
        else
        {
            _ = UnixCalls.Signal(_id, UnixCalls.Terminate);
        }
    }

    /// <summary>
    /// Begins to kill the program and what is below it, on a thread of its own. Does not wait, never throws. What moved away from
    /// the program ends in <see cref="WaitForEnd"/>.
    /// </summary>
    public void BeginKill() => Begin("kill", () =>
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception error) when (error is InvalidOperationException or Win32Exception or AggregateException or NotSupportedException)
        {
            // It has just ended, or a part of its tree has, or belongs to another user.
        }
    });

    /// <summary>
    /// Waits until the program has ended, and ends what it left running. Throws the error that kept its output from being read.
    /// </summary>
    /// <param name="keepsLeftovers">Asked once it has ended: leave that alone.</param>
    public void WaitForEnd(Func<bool> keepsLeftovers)
    {
        _process.WaitForExit();
        if (keepsLeftovers())
        {
            _job?.Limit(0);
        }
        else
        {
            EndLeftovers();
        }

        var began = Stopwatch.GetTimestamp();
        foreach (var reader in _readers)
        {
            var rest = LongestRest - Stopwatch.GetElapsedTime(began);
            reader.Join(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        }

        // A part of the output must not pass for the whole.
        Volatile.Read(ref _failure)?.Throw();
    }

    public void Dispose()
    {
        _process.Dispose();
        _job?.Dispose();
    }

    private void EndLeftovers()
    {
        _job?.Terminate();
        if (ProgramStart.ToolName is not null)
        {
            // The process group that began with the program. It includes processes that have changed their environment. As long as one of
            // them is left, the system gives the group's id to nothing else.
            _ = UnixCalls.Signal(-_id, UnixCalls.Kill);
        }

        TaskProcesses.KillMarked([_token]);
    }

    private Thread Begin(string name, Action work)
    {
        // In the background: none of them may keep the worker's process from ending.
        var thread = new Thread(() => Try(work), ThreadStack) { IsBackground = true, Name = "program " + name };
        thread.Start();
        return thread;
    }

    /// <summary>An exception here would end the worker's process. It is only the failure of the task.</summary>
    private void Try(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error)
        {
            Volatile.Write(ref _failure, ExceptionDispatchInfo.Capture(error));
        }
    }

    private static void Write(Stream stream, byte[] input)
    {
        try
        {
            using (stream)
            {
                stream.Write(input);
            }
        }
        catch (IOException)
        {
            // Whether a program reads the task is its own affair.
        }
    }

    private static void Read(Stream stream, IProgramOutput output)
    {
        try
        {
            using (stream)
            {
                var buffer = new byte[16 * 1024];
                while (stream.Read(buffer) is > 0 and var length)
                {
                    output.Add(buffer.AsSpan(0, length));
                }
            }
        }
        catch (IOException)
        {
            // What came before it counts. The exit code says how the program ended.
        }
    }

    // Passing trouble: no memory, no free process or file handle, a file that is being written just now.
    private static bool IsLasting(int error) => OperatingSystem.IsWindows()
        ? error is not (4 or 8 or 14 or 32 or 1450 or 1455)
        : error is not (11 or 12 or 23 or 24 or 26 or 35);
}
