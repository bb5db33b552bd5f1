using System.Net;

namespace TaskQueue.Storage;

/// <summary>How a queue is opened.</summary>
public sealed record StoreOptions
{
    /// <summary>Make the queue if there is none.</summary>
    public bool Create { get; init; }

    /// <summary>The caller means to write; see <see cref="TaskStores.PrepareForWriting"/>. False changes nothing.</summary>
    public bool ForWriting { get; init; }

    public Durability Durability { get; init; }

    /// <summary>
    /// How long to wait for a lock another process holds, and for a server: to run one statement, and to come back where it was lost.
    /// 10 seconds: twice what the original's own connections wait.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Original layout: the offset of its service's local times, instead of the one its rows tell.</summary>
    public TimeSpan? UtcOffset { get; init; }

    /// <summary>Ends the opening, as Ctrl+C does while another process holds the lock; later calls bring a token of their own.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Tests: the clock to go by. Null for the queue's own: the machine's for a file, the server's for a queue on a server.
    /// </summary>
    public TimeProvider? Time { get; init; }

    /// <summary>Queue on a server: the user and the password, instead of those in the location or the environment.</summary>
    public NetworkCredential? Credential { get; init; }
}
