using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>The queue that a command uses when no queue is named.</summary>
internal static class DefaultQueue
{
    public const string Variable = "TASKQUEUE";

    /// <summary>The user's own file, used if there is nothing else.</summary>
    public static string UserFile => Path.Combine(UserFolder.Path, "task_queue.db");

    /// <summary>True if $env:TASKQUEUE names no queue either.</summary>
    public static bool IsNothingNamed => string.IsNullOrEmpty(Named);

    private static string? Named => Environment.GetEnvironmentVariable(Variable);

    /// <summary>The location in $env:TASKQUEUE, or else the user's own file.</summary>
    public static string Location(PSCmdlet cmdlet) => IsNothingNamed ? UserFile : new QueueLocation(Named!).Resolve(cmdlet);

    /// <summary>
    /// The location with what is needed to connect. A task carries only the name of its queue on a server. If $env:TASKQUEUE names the same
    /// queue, its text is returned, which also has the password and other settings. Any other location is returned as it is.
    /// </summary>
    public static string WithSettings(string location) =>
        !IsNothingNamed && TaskStores.NamesServer(Named!) && TaskStores.Show(location) == location && TaskStores.Show(Named!) == location
            ? Named!
            : location;
}
