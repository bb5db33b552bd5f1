namespace TaskQueue.PowerShell;

/// <summary>Says which properties of records the command does not take, each once: a misspelt column would be lost in silence.</summary>
/// <param name="cmdlet">The command.</param>
/// <param name="taken">The properties that a record may have.</param>
/// <param name="advice">What to do with others.</param>
internal sealed class UnknownColumns(QueueCmdlet cmdlet, IEnumerable<string> taken, string advice)
{
    // What PowerShell adds to objects that come from elsewhere.
    private static readonly string[] Remoting = ["PSComputerName", "PSShowComputerName", "PSSourceJobInstanceId", "RunspaceId"];

    private readonly HashSet<string> _known = new([.. taken, .. Remoting], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The properties of a task, as Get-QueueTask writes it: a record may have them all, be it that the command makes no use of them.
    /// </summary>
    public static IEnumerable<string> OfTask { get; } = [.. typeof(QueueTask).GetProperties().Select(property => property.Name), "TaskId"];

    /// <summary>Warns of what the record has and no record before it had.</summary>
    public void WarnOf(RecordReader record)
    {
        // Most records have the columns of the one before: then nothing has to be compared.
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
