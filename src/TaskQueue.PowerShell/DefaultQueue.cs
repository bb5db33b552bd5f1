using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The queue that is meant when nothing names one.</summary>
internal static class DefaultQueue
{
    public const string Variable = "TASKQUEUE";

    /// <summary>The user's own file, where nothing else is said.</summary>
    public static string UserFile => System.IO.Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "TaskQueue",
        "task_queue.db");

    /// <summary>The path in $env:TASKQUEUE, or else the user's own file.</summary>
    public static string Path(PSCmdlet cmdlet) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? new QueueLocation(text).Resolve(cmdlet) : UserFile;
}
