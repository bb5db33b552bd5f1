using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>The queue that is meant when nothing names one.</summary>
internal static class DefaultQueue
{
    public const string Variable = "TASKQUEUE";

    /// <summary>The user's own file, where nothing else is said.</summary>
    public static string UserFile => Path.Combine(UserFolder.Path, "task_queue.db");

    /// <summary>True if $env:TASKQUEUE names no queue either.</summary>
    public static bool IsNothingNamed => string.IsNullOrEmpty(Named);

    private static string? Named => Environment.GetEnvironmentVariable(Variable);

    /// <summary>The location in $env:TASKQUEUE, or else the user's own file.</summary>
    public static string Location(PSCmdlet cmdlet) => IsNothingNamed ? UserFile : new QueueLocation(Named!).Resolve(cmdlet);

    /// <summary>
    /// The location of a server as $env:TASKQUEUE has it, if the one given is merely the name of that queue, as tasks carry it: then only
    /// the variable knows the password and whatever else to connect with. Any other location as it is.
    /// </summary>
    public static string WithSettings(string location) =>
        !IsNothingNamed && TaskStores.NamesServer(Named!) && TaskStores.Show(location) == location && TaskStores.Show(Named!) == location
            ? Named!
            : location;
}
