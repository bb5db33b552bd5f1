namespace TaskQueue;

/// <summary>
/// When a lease is to be renewed, by two clocks: the monotonic one measures its age, the wall clock is what others judge it by. The two
/// part when the machine sleeps or the clock is set. Then a lease that was renewed a moment ago may look expired, or hold for days.
/// </summary>
/// <param name="time">Both clocks.</param>
internal sealed class LeaseClock(TimeProvider time)
{
    /// <summary>A third of its time: two renewals may be missed before a lease expires.</summary>
    public const int RenewalsInALease = 3;

    // Far more than a clock is slewed by between two renewals, and less than anybody acts on.
    private static readonly TimeSpan LargestDifference = TimeSpan.FromSeconds(1);

    private long _renewedAt = time.GetTimestamp();
    private DateTimeOffset _renewedAtWallTime = time.GetUtcNow();

    /// <summary>
    /// By how much the wall clock has run ahead of the monotonic one since the last renewal; negative if it was set back.
    /// </summary>
    public TimeSpan Step => time.GetUtcNow() - _renewedAtWallTime - time.GetElapsedTime(_renewedAt);

    /// <summary>True if the clocks have parted since the last renewal.</summary>
    public bool HaveParted => Step.Duration() >= LargestDifference;

    /// <summary>True if leases of this length are to be renewed now.</summary>
    public bool IsRenewalDue(TimeSpan leaseTime) => time.GetElapsedTime(_renewedAt) >= leaseTime / RenewalsInALease || HaveParted;

    /// <summary>Notes a renewal that began at <paramref name="mark"/>.</summary>
    public void Renewed((long Timestamp, DateTimeOffset WallTime) mark) => (_renewedAt, _renewedAtWallTime) = mark;

    /// <summary>Both clocks now: to be read before a renewal is written, so that a step during the write is noticed after it.</summary>
    public (long Timestamp, DateTimeOffset WallTime) Mark() => MarkOf(time);

    /// <inheritdoc cref="Mark"/>
    public static (long Timestamp, DateTimeOffset WallTime) MarkOf(TimeProvider time) => (time.GetTimestamp(), time.GetUtcNow());
}
