namespace TaskQueue;

/// <summary>
/// Runs each task in a program of its own. The program reads the task as one line of JSON on its standard input; exit code 0 means
/// success with what it wrote to its standard output as the result (JSON as it is, other text as a JSON string, nothing as null),
/// any other code a failure with the end of what it wrote to its standard error.
/// </summary>
/// <remarks>
/// The program finds the task's id in <c>TASKQUEUE_TASK_ID</c>, the claim's token in <c>TASKQUEUE_CLAIM</c> and the queue in
/// <c>TASKQUEUE</c>. Nothing of the task reaches a command line or a shell. A stop asks it to end (Unix: SIGTERM; Windows: Ctrl+Break,
/// where the worker has a console); a kill ends it with all it has started. What it leaves running when it ends is ended too.
/// </remarks>
public sealed class ProgramHandler : ITaskHandler
{
    private readonly string _filePath;
    private readonly IReadOnlyList<string> _arguments;
    private readonly string? _workingDirectory;
    private readonly bool _keepsChildren;

    /// <param name="filePath">The program: a path, or a name that is looked up in the PATH at each start.</param>
    /// <param name="arguments">Its arguments, each passed on as it is.</param>
    /// <param name="workingDirectory">Where it runs; null for the current directory of this process.</param>
    /// <param name="keepsChildren">Leave alone what a program left running when it ended by itself.</param>
    public ProgramHandler(string filePath, IReadOnlyList<string> arguments, string? workingDirectory = null, bool keepsChildren = false)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(filePath);
        ArgumentNullException.ThrowIfNull(arguments);
        _filePath = filePath;
        _arguments = [.. arguments];
        _workingDirectory = workingDirectory;
        _keepsChildren = keepsChildren;
    }

    /// <summary>How the failure of a program reads, such as <c>git ended with exit code 128: fatal: not a git repository</c>.</summary>
    /// <param name="name">What to call the program.</param>
    /// <param name="exitCode">Its exit code; on Unix 128 and the signal's number after a signal.</param>
    /// <param name="errors">The end of what it wrote to its standard error; may be empty.</param>
    public static string Describe(string name, int exitCode, string errors)
    {
        var signal = !OperatingSystem.IsWindows() && exitCode is > 128 and < 128 + 65 ? $" (signal {exitCode - 128})" : "";
        var words = errors.Length > 0 ? ": " + errors : "";
        return $"{name} ended with exit code {exitCode}{signal}{words}";
    }

    public HandlerOutcome Run(TaskExecution execution)
    {
        if (execution.Cancellation.IsCancellationRequested || execution.Kill.IsCancellationRequested)
        {
            return HandlerOutcome.Failure("Stopped before the program was started");
        }

        ProgramRun run;
        try
        {
            var start = ProgramStart.Prepare(_filePath, _arguments, _workingDirectory, execution.Task);
            run = ProgramRun.Start(_filePath, start, execution.Task);
        }
        catch (ProgramStartException error)
        {
            return HandlerOutcome.Failure(error.Message, error.IsLasting);
        }

        using (run)
        using (execution.Cancellation.UnsafeRegister(static state => ((ProgramRun)state!).RequestEnd(), run))
        using (execution.Kill.UnsafeRegister(static state => ((ProgramRun)state!).BeginKill(), run))
        {
            run.WaitForEnd(() => _keepsChildren && !execution.IsStopped);
            return ProgramOutcome.Of(Path.GetFileName(_filePath), run);
        }
    }
}
