namespace TaskQueue;

/// <summary>What an optimization may let go.</summary>
/// <param name="KeepEvents">Events of the history that are older than this expire.</param>
/// <param name="KeepRemoved">Removed tasks that are older than this can no longer be brought back.</param>
public sealed record OptimizeRequest(TimeSpan KeepEvents, TimeSpan KeepRemoved)
{
    /// <summary>90 days.</summary>
    public static readonly TimeSpan DefaultKeepEvents = TimeSpan.FromDays(90);

    /// <summary>7 days.</summary>
    public static readonly TimeSpan DefaultKeepRemoved = TimeSpan.FromDays(7);
}
