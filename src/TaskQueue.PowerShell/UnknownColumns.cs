namespace TaskQueue.PowerShell;

/// <summary>
/// Warns of properties of records that the command does not take, once for each. Otherwise a misspelt column would be lost silently.
/// </summary>
/// <param name="cmdlet">The command.</param>
/// <param name="taken">The properties that a record may have.</param>
/// <param name="advice">What to do with other properties.</param>
internal sealed class UnknownColumns(QueueCmdlet cmdlet, IEnumerable<string> taken, string advice)
{
    // Properties that PowerShell adds to objects that come from elsewhere.
    private static readonly string[] Remoting = ["PSComputerName", "PSShowComputerName", "PSSourceJobInstanceId", "RunspaceId"];

    private readonly HashSet<string> _known = new([.. taken, .. Remoting], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The properties of a task, as Get-QueueTask writes it. A record may have all of them, even if the command does not use them.
    /// </summary>
    public static IEnumerable<string> OfTask { get; } = [.. typeof(QueueTask).GetProperties().Select(property => property.Name), "TaskId"];

    /// <summary>Warns of unknown properties that no record before this one had.</summary>
    public void WarnOf(RecordReader record)
    {
        // The list is made only if it is needed, since most records have the columns of the one before.
        List<string>? unknown = null;
        foreach (var name in record.Names)
        {
            if (_known.Add(name))
            {
                (unknown ??= []).Add(name);
            }
        }

        if (unknown is not null)
        {
            cmdlet.WriteWarning($"Not taken from what was piped: {string.Join(", ", unknown.Select(name => $"'{name}'"))}. {advice}");
        }
    }
}
