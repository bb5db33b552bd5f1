using System.Management.Automation;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>
/// The error for an id that no task of the queue has. It says where the id was looked for, and how to find the right one.
/// </summary>
internal static class MissingTask
{
    private const string Advice =
        "Ids are case-sensitive. Get-QueueTask lists those there are; with a pattern such as 'import*' it finds similar ones.";

    public static TaskNotFoundException In(ITaskStore store, string id) => new($"There is no task '{id}' in '{store.Info.Queue}'.", Advice);

    /// <summary>The same for a command that takes ids literally. For an id that looks like a pattern it says how to use one.</summary>
    /// <param name="store">Where the task was looked for.</param>
    /// <param name="id">The id that no task has.</param>
    /// <param name="command">The command's name.</param>
    /// <param name="alsoMissing">Where else the task was not found, as the end of the sentence.</param>
    public static TaskNotFoundException OfLiteral(ITaskStore store, string id, string command, string alsoMissing = "") => new(
        $"There is no task '{id}' in '{store.Info.Queue}'{alsoMissing}.",
        WildcardPattern.ContainsWildcardCharacters(id)
            ? "Ids are taken literally here; for a pattern use: "
                + $"Get-QueueTask -Id '{CodeGeneration.EscapeSingleQuotedStringContent(id)}' | {command}"
            : Advice);
}
