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

    /// <summary>True if $env:TASKQUEUE names no queue either.</summary>
    public static bool IsNothingNamed => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The path in $env:TASKQUEUE, or else the user's own file.</summary>
    public static string Path(PSCmdlet cmdlet) =>
        IsNothingNamed ? UserFile : new QueueLocation(Environment.GetEnvironmentVariable(Variable)!).Resolve(cmdlet);
}
