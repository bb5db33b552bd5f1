using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>What -Queue takes: the path of a queue's file, or a connection.</summary>
public sealed class QueueLocation
{
    private static readonly string[] ServerSchemes = ["postgres://", "postgresql://"];

    public QueueLocation(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (ServerSchemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)))
        {
            // Not echoed: the text may hold a password.
            throw new ArgumentException("This version serves queues in SQLite files only. Give the path of a file.", nameof(text));
        }

        Text = text;
    }

    public QueueLocation(TaskQueueConnection connection)
        : this((connection ?? throw new ArgumentNullException(nameof(connection))).Queue)
    {
    }

    /// <summary>As it was given.</summary>
    public string Text { get; }

    /// <summary>The full path, seen from PowerShell's present location rather than the process's.</summary>
    public string Resolve(PSCmdlet cmdlet) => cmdlet.GetUnresolvedProviderPathFromPSPath(Text);

    public override string ToString() => Text;
}
