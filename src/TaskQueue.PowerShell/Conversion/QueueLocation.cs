using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>What -Queue takes: the path of a queue's file, or a connection.</summary>
public sealed class QueueLocation
{
    private static readonly string[] ServerMarks = ["postgres://", "postgresql://", "Host=", "Server="];

    public QueueLocation(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        Text = text;
    }

    public QueueLocation(TaskQueueConnection connection)
        : this((connection ?? throw new ArgumentNullException(nameof(connection))).Queue)
    {
    }

    /// <summary>As it was given.</summary>
    public string Text { get; }

    /// <summary>The full path, seen from PowerShell's present location rather than the process's.</summary>
    /// <exception cref="QueueUnavailableException">It names a server.</exception>
    public string Resolve(PSCmdlet cmdlet)
    {
        // Not refused by the constructor: PowerShell would show the text, and its password, in the error of the conversion.
        if (ServerMarks.Any(mark => Text.StartsWith(mark, StringComparison.OrdinalIgnoreCase)))
        {
            throw new QueueUnavailableException("This version serves queues in SQLite files only, not on a server.", "Give the path of a file.");
        }

        return FilePaths.Resolve(cmdlet, Text);
    }

    public override string ToString() => Text;
}
