namespace TaskQueue.Tests.Original;

/// <summary>A clock that stands still until it is set.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    /// <summary>When the stuck tasks were found: 2025-12-19 16:54:56 in the service's zone.</summary>
    public static readonly DateTimeOffset Incident = new(2025, 12, 19, 16, 54, 56, TimeSpan.FromHours(8));

    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
