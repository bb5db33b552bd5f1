using System.Diagnostics;
using System.Text;

namespace TaskQueue;

/// <summary>How a task's program is started.</summary>
internal static class ProgramStart
{
    // A session of its own keeps the Ctrl+C of the worker's terminal away from the program. Ctrl+C reaches every process in the terminal's
    // foreground, and would end what the worker lets finish. .NET cannot start a process like that; this tool becomes the program.
    private static readonly string? SessionTool = OperatingSystem.IsLinux() ? Find("setsid") : null;

    /// <summary>The name of the tool that starts the program, as its own errors begin with it; null if it starts by itself.</summary>
    public static string? ToolName => SessionTool is null ? null : "setsid";

    /// <exception cref="ProgramStartException">There is no such program or folder.</exception>
    public static ProcessStartInfo Prepare(string filePath, IReadOnlyList<string> arguments, string? workingDirectory, QueueTask task)
    {
        if (workingDirectory is not null && !Directory.Exists(workingDirectory))
        {
            throw new ProgramStartException($"'{filePath}' cannot be started: there is no folder '{workingDirectory}'", isLasting: true);
        }

        // Looked up here, since the tool would report a missing program as a program that ran and failed. Windows does it by itself.
        var program = OperatingSystem.IsWindows()
            ? filePath
            : Find(filePath) ?? throw new ProgramStartException(
                $"'{filePath}' cannot be started: there is no such program that can be executed", isLasting: true);
        var start = SessionTool is null
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo(SessionTool, [program, .. arguments]);
        start.UseShellExecute = false;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.WorkingDirectory = workingDirectory ?? "";
        start.StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        start.Environment["TASKQUEUE"] = task.Queue;
        start.Environment["TASKQUEUE_TASK_ID"] = task.Id;
        start.Environment[TaskMarks.Claim] = TaskMarks.Of(TokenOf(task));
        start.Environment.Remove(TaskMarks.Running);
        if (OperatingSystem.IsWindows())
        {
            // Keeps the worker's Ctrl+C away, and lets Ctrl+Break be sent to the program alone.
            start.CreateNewProcessGroup = true;
        }

        return start;
    }

    /// <summary>The token that marks the processes of the task's program.</summary>
    public static Guid TokenOf(QueueTask task) =>
        task.ClaimToken ?? throw new ArgumentException("A program runs claimed tasks only.", nameof(task));

    // A path as it is, a name in the folders of the PATH: never in the current folder, where anybody may have put it.
    private static string? Find(string filePath)
    {
        var candidates = filePath.Contains('/')
            ? [Path.GetFullPath(filePath)]
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(folder, filePath));
        return candidates.FirstOrDefault(path => File.Exists(path) && UnixCalls.IsExecutable(path));
    }
}
