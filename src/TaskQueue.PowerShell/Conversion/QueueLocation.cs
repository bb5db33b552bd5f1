using System.Management.Automation;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>What -Queue takes: the path of a queue's file, or a connection.</summary>
public sealed partial class QueueLocation
{
    public QueueLocation(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        Text = text;
    }

    public QueueLocation(TaskQueueConnection connection)
        : this((connection ?? throw new ArgumentNullException(nameof(connection))).Queue)
    {
    }

    /// <summary>As it was given; not to be shown, since it may hold a password.</summary>
    public string Text { get; }

    /// <summary>The full path, seen from PowerShell's present location rather than the process's.</summary>
    /// <exception cref="QueueUnavailableException">It names a server.</exception>
    public string Resolve(PSCmdlet cmdlet)
    {
        // Not refused by the constructor: PowerShell would show the text, and its password, in the error of the conversion.
        if (NamesServer)
        {
            throw new QueueUnavailableException("This version serves queues in SQLite files only, not on a server.", "Give the path of a file.");
        }

        return FilePaths.Resolve(cmdlet, Text);
    }

    /// <summary>The text, but for that of a server, which may hold a password anywhere.</summary>
    public override string ToString() => NamesServer ? "a server" : Text;

    private bool NamesServer => Server().IsMatch(Text);

    // A URI of PostgreSQL or with a user in it; a connection string that begins with its server, or has a password in any place.
    [GeneratedRegex(
        @"\bpostgres(ql)?://|^\s*[a-z][a-z0-9+.-]+://[^/]*@|(^|;)\s*(host|server|data source)\s*=|(^|[;?&\s])[""']?(user ?name|user id|uid|(ssl)?\s?(password|passwd|pwd))[""']?\s*=",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Server();
}
