namespace TaskQueue;

/// <summary>
/// Measures for how long leases were seen unrenewed. The wall clock alone decides nothing: it jumps, and it goes on while a machine
/// sleeps and nobody can renew a lease. What is seen of a lease that seems forgotten is kept in the queue, so that the next process
/// goes on with the watch.
/// </summary>
/// <param name="period">The time between two looks.</param>
internal sealed class LeaseWatch(TimeSpan period)
{
    // Only of a claim that was made by nobody of ours.
    private static readonly TimeSpan UnknownLeaseTime = TimeSpan.FromSeconds(60);

    private Dictionary<Guid, Watched> _watched = [];
    private TimeSpan? _lookedAt;

    /// <summary>What is worth keeping of the last look, in the queue.</summary>
    public IReadOnlyList<LeaseSighting> ToKeep { get; private set; } = [];

    /// <summary>
    /// Takes note of the running tasks as they stand, and returns those whose lease was seen unrenewed for as long as it was given. A lease
    /// in the future, as a worker with a wrong clock leaves it, is watched like any other.
    /// </summary>
    /// <param name="running">The running tasks of the queue that hold a claim.</param>
    /// <param name="at">The present moment.</param>
    /// <param name="known">Reads what others have seen; asked only where a lease is met for the first time and seems forgotten.</param>
    public IReadOnlyList<QueueTask> Look(IEnumerable<QueueTask> running, Moment at, Func<IReadOnlyList<LeaseSighting>> known)
    {
        var elapsed = at.Uptime - (_lookedAt ?? at.Uptime);
        _lookedAt = at.Uptime;
        var sightings = new Lazy<Dictionary<Guid, LeaseSighting>>(() => known().ToDictionary(sighting => sighting.Token));
        var watched = new Dictionary<Guid, Watched>();
        var overdue = new List<QueueTask>();
        var kept = new List<LeaseSighting>();
        foreach (var task in running)
        {
            if (task is not { ClaimToken: { } token, LeaseExpiresAt: { } lease })
            {
                continue;
            }

            var length = LengthOf(task);
            var seen = _watched.TryGetValue(token, out var before) && before.Lease == lease
                ? before with { Time = before.Time + Counted(elapsed, length) }
                : new Watched(
                    lease, SeemsForgotten(task, at.Now) ? Inherited(sightings.Value, token, lease, at, length) : TimeSpan.Zero, null);
            if (seen.Time >= length)
            {
                overdue.Add(task);
            }

            if (IsUnrenewed(task, seen.Time, at.Now) && !(seen.Time - seen.Kept < length / 4))
            {
                seen = seen with { Kept = seen.Time };
                kept.Add(new LeaseSighting
                {
                    Token = token,
                    LeaseExpiresAt = lease,
                    Watched = seen.Time,
                    SeenAt = at.Now,
                    Boot = at.Boot,
                    Uptime = at.Uptime,
                });
            }

            watched[token] = seen;
        }

        _watched = watched;
        ToKeep = kept;
        return overdue;
    }

    /// <summary>True if a worker that lives would have renewed the lease, which it does after a third of it.</summary>
    public bool IsUnrenewed(QueueTask task, DateTimeOffset now) =>
        IsUnrenewed(task, task.ClaimToken is { } token && _watched.TryGetValue(token, out var seen) ? seen.Time : TimeSpan.Zero, now);

    /// <summary>Starts anew: while the queue could not be written, no lease could be renewed.</summary>
    public void Forget()
    {
        _watched = _watched.ToDictionary(seen => seen.Key, seen => seen.Value with { Time = TimeSpan.Zero, Kept = null });
        _lookedAt = null;
    }

    /// <summary>How long the task's lease holds without being renewed.</summary>
    public static TimeSpan LengthOf(QueueTask task) =>
        task is { HeartbeatAt: { } heartbeat, LeaseExpiresAt: { } lease } && lease > heartbeat ? lease - heartbeat : UnknownLeaseTime;

    private static bool IsUnrenewed(QueueTask task, TimeSpan watched, DateTimeOffset now) =>
        watched > LengthOf(task) / 2 || SeemsForgotten(task, now);

    private static bool SeemsForgotten(QueueTask task, DateTimeOffset now) =>
        (now - (task.HeartbeatAt ?? now)).Duration() > LengthOf(task) / 2;

    /// <summary>
    /// The time that counts between two looks. In a longer gap the worker may have been unable to renew, asleep with its machine. It
    /// gets the rest of its lease for that.
    /// </summary>
    private TimeSpan Counted(TimeSpan elapsed, TimeSpan length)
    {
        var longest = TimeSpan.FromTicks(Math.Max((length.Ticks + 2) / 3, period.Ticks * 2));
        return elapsed < TimeSpan.Zero ? TimeSpan.Zero : elapsed < longest ? elapsed : longest;
    }

    private TimeSpan Inherited(Dictionary<Guid, LeaseSighting> sightings, Guid token, DateTimeOffset lease, Moment at, TimeSpan length)
    {
        if (!sightings.TryGetValue(token, out var sighting) || sighting.LeaseExpiresAt != lease)
        {
            return TimeSpan.Zero;
        }

        // The clock that never jumps, where it is the same one; of another machine's watch only the queue's clock is known here.
        var elapsed = sighting.Boot is not null && sighting.Boot == at.Boot ? at.Uptime - sighting.Uptime : at.Now - sighting.SeenAt;
        return sighting.Watched + Counted(elapsed, length);
    }

    /// <summary>When a look takes place.</summary>
    /// <param name="Now">By the queue's clock.</param>
    /// <param name="Uptime">By the clock of this machine that never jumps.</param>
    /// <param name="Boot">Which start of the machine that clock belongs to; null if it is not known.</param>
    internal readonly record struct Moment(DateTimeOffset Now, TimeSpan Uptime, string? Boot);

    private sealed record Watched(DateTimeOffset Lease, TimeSpan Time, TimeSpan? Kept);
}
