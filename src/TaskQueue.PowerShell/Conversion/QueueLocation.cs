using System.Management.Automation;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>What -Queue takes: the path of a queue's file, the URI or connection string of a queue on a server, or a connection.</summary>
public sealed class QueueLocation : IEquatable<QueueLocation>
{
    public QueueLocation(string text)
    {
        // Nothing else is refused here: in a conversion error PowerShell would show the text, and a password in it.
        Text = string.IsNullOrWhiteSpace(text) ? throw new FormatException("The location of a queue cannot be empty.") : text;
    }

    public QueueLocation(TaskQueueConnection connection)
        : this((connection ?? throw new ArgumentNullException(nameof(connection))).Queue)
    {
    }

    public QueueLocation(FileInfo file)
        : this((file ?? throw new ArgumentNullException(nameof(file))).FullName)
    {
    }

    public QueueLocation(BackupResult backup)
        : this((backup ?? throw new ArgumentNullException(nameof(backup))).Path)
    {
    }

    /// <summary>A connection that crossed a job's boundary.</summary>
    public QueueLocation(PSObject connection)
        : this(
            connection?.TypeNames.Contains("Deserialized." + typeof(TaskQueueConnection).FullName) == true
                && connection.Properties[nameof(TaskQueueConnection.Queue)]?.Value is string queue
                ? queue
                : throw new FormatException("It is neither the location of a queue nor a connection."))
    {
    }

    /// <summary>The text as it was given. It must not be shown, since it may hold a password.</summary>
    internal string Text { get; }

    /// <summary>
    /// For a file its full path, relative to PowerShell's current location rather than the process's. For a server its text, which may hold
    /// a password.
    /// </summary>
    public string Resolve(PSCmdlet cmdlet) =>
        TaskStores.NamesServer(Text) ? DefaultQueue.WithSettings(Text) : FilePaths.Resolve(cmdlet, Text);

    /// <summary>
    /// The target of errors about a piped object: the object itself, or its id if the object's queue may hold a password.
    /// </summary>
    internal static object TargetFor(object source, string? queue, object id) =>
        queue is null || TaskStores.Show(queue) == queue ? source : id;

    /// <summary>Two are equal if they were given as the same text. TaskStores.SameQueue tells whether two texts name one queue.</summary>
    public bool Equals(QueueLocation? other) => Text == other?.Text;

    public override bool Equals(object? obj) => Equals(obj as QueueLocation);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <summary>The text without secrets.</summary>
    public override string ToString() => TaskStores.Show(Text);
}
