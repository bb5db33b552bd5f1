namespace TaskQueue;

/// <summary>
/// For how long this process has itself seen leases go unrenewed. The wall clock alone convicts nobody: it jumps, and while a
/// machine sleeps it goes on without anyone being able to renew a lease.
/// </summary>
/// <param name="period">The time between two looks; of a longer gap only twice as much counts, since the watcher itself did not run in it.</param>
internal sealed class LeaseWatch(TimeSpan period)
{
    private Dictionary<Guid, (DateTimeOffset Lease, TimeSpan Watched)> _watched = [];

    /// <summary>
    /// Takes note of the running tasks as they stand, and returns those whose lease has expired and was seen unrenewed for as long
    /// as it was given.
    /// </summary>
    /// <param name="running">All running tasks of the queue that hold a claim.</param>
    /// <param name="now">The queue's time.</param>
    /// <param name="sinceLastLook">By the monotonic clock.</param>
    public IReadOnlyList<QueueTask> Look(IEnumerable<QueueTask> running, DateTimeOffset now, TimeSpan sinceLastLook)
    {
        var seen = sinceLastLook < period * 2 ? sinceLastLook : period * 2;
        var watched = new Dictionary<Guid, (DateTimeOffset Lease, TimeSpan Watched)>();
        var overdue = new List<QueueTask>();
        foreach (var task in running)
        {
            if (task is not { ClaimToken: { } token, LeaseExpiresAt: { } lease })
            {
                continue;
            }

            var before = _watched.TryGetValue(token, out var known) && known.Lease == lease ? known.Watched + seen : TimeSpan.Zero;
            watched[token] = (lease, before);
            if (lease <= now && before >= LeaseTimeOf(task, lease))
            {
                overdue.Add(task);
            }
        }

        _watched = watched;
        return overdue;
    }

    /// <summary>Starts anew: while the queue could not be written, no lease could be renewed.</summary>
    public void Forget() => _watched.Clear();

    private static TimeSpan LeaseTimeOf(QueueTask task, DateTimeOffset lease) =>
        task.HeartbeatAt is { } heartbeat && lease > heartbeat ? lease - heartbeat : TimeSpan.Zero;
}
