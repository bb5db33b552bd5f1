namespace TaskQueue;

/// <summary>What an operator calls stuck, and which of it to clean.</summary>
public sealed record StuckPolicy
{
    /// <summary>1 hour, as in the original.</summary>
    public static readonly TimeSpan DefaultMaxAge = TimeSpan.FromHours(1);

    /// <summary>A floor: a task younger than this is never touched, whatever its verdict.</summary>
    public TimeSpan MaxAge { get; init; } = DefaultMaxAge;

    /// <summary>Clean Stalled tasks too: those whose worker lives but no longer renews the lease.</summary>
    public bool IncludeStalled { get; init; }

    /// <summary>Clean Slow tasks too: those whose worker still renews the lease.</summary>
    public bool IncludeLive { get; init; }

    /// <summary>Only tasks of these types are looked at; see <see cref="TaskQuery.Matches"/>. Null for all.</summary>
    public Predicate<QueueTask>? Matches { get; init; }

    /// <summary>Back to pending instead of failed.</summary>
    public bool Requeue { get; init; }
}
