namespace TaskQueue;

/// <summary>
/// What was last seen of a lease that nobody renews: kept in the queue, so that a watch outlives the process that began it.
/// </summary>
public sealed record LeaseSighting
{
    /// <summary>The claim.</summary>
    public required Guid Token { get; init; }

    /// <summary>The lease as it was seen; another one is a proof of life.</summary>
    public required DateTimeOffset LeaseExpiresAt { get; init; }

    /// <summary>For how long it was seen unrenewed.</summary>
    public required TimeSpan Watched { get; init; }

    /// <summary>When it was last seen, by the queue's clock.</summary>
    public required DateTimeOffset SeenAt { get; init; }

    /// <summary>The machine's start to which <see cref="Uptime"/> belongs; null if that is not known.</summary>
    public string? Boot { get; init; }

    /// <summary>When it was last seen, by the clock of that machine that never jumps.</summary>
    public required TimeSpan Uptime { get; init; }
}
