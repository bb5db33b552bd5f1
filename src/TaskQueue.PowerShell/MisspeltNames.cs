using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>
/// Warns of a filter that is probably misspelt. Such a filter finds nothing, which looks like good news. A name that resembles no other is
/// accepted, since scripts ask again and again for tasks that may come. A filter that found something needs no check.
/// </summary>
internal static class MisspeltNames
{
    /// <summary>Warns of each literal type that no task of the queue has, if there are tasks of a similar type.</summary>
    public static void WarnOfTypes(QueueCmdlet cmdlet, ITaskStore store, IEnumerable<string>? types)
    {
        List<string> unknown = [.. Literals(types).Where(type => !HasTaskOf(type, store, cmdlet.Cancellation))];
        if (unknown.Count == 0)
        {
            return;
        }

        var counts = store
            .CountByType(cmdlet.Cancellation)
            .GroupBy(count => count.Type, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(count => count.Tasks));
        foreach (var type in unknown)
        {
            if (Spelling.Nearest(type, counts.Keys) is { } near)
            {
                cmdlet.WriteWarning(
                    $"No task has the type '{type}', but {Quantity.Of(counts[near], "task has", "tasks have")} the type '{near}'. "
                        + "Types are case-sensitive.");
            }
            else
            {
                cmdlet.WriteVerbose($"No task has the type '{type}'. The types there are: {Listed(counts.Keys)}.");
            }
        }
    }

    /// <summary>Warns if no worker has exactly this name, but workers have names that begin with it or are similar.</summary>
    public static void WarnOfWorker(QueueCmdlet cmdlet, IEnumerable<string> names, string parameter, string wanted)
    {
        var all = names.Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        if (WildcardPattern.ContainsWildcardCharacters(wanted) || all.Contains(wanted, StringComparer.OrdinalIgnoreCase))
        {
            return;
        }

        var longer = all.Where(name => name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
        if (longer.Count > 0)
        {
            cmdlet.WriteWarning(
                $"No worker matches -{parameter} '{wanted}'. Names go on after it: {Listed(longer)}. Give a pattern such as '{wanted}*'.");
        }
        else if (Spelling.Nearest(wanted, all) is { } near)
        {
            cmdlet.WriteWarning($"No worker matches -{parameter} '{wanted}', but one has '{near}'.");
        }
    }

    /// <summary>Warns of each literal kind that does not exist.</summary>
    public static void WarnOfKinds(QueueCmdlet cmdlet, IEnumerable<string>? wanted, IReadOnlyCollection<string> kinds)
    {
        foreach (var kind in Literals(wanted).Where(kind => !kinds.Contains(kind, StringComparer.OrdinalIgnoreCase)))
        {
            cmdlet.WriteWarning(
                $"'{kind}' is not one of the kinds of operations: {string.Join(", ", kinds.Order(StringComparer.Ordinal))}.");
        }
    }

    private static IEnumerable<string> Literals(IEnumerable<string>? names) =>
        names?.Where(name => !WildcardPattern.ContainsWildcardCharacters(name)).Distinct(StringComparer.Ordinal) ?? [];

    private static bool HasTaskOf(string type, ITaskStore store, CancellationToken cancellation) =>
        store.Read(new TaskQuery { Types = [type], Limit = 1, IncludePayload = false }, cancellation).Any();

    private static string Listed(IReadOnlyCollection<string> names) =>
        names.Count == 0 ? "none" : NameList.Of([.. names.Order(StringComparer.Ordinal)]);
}
