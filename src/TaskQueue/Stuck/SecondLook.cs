namespace TaskQueue;

/// <summary>
/// The time between the two looks at tasks that only their expired lease convicts: that of a renewal, so that a worker which lives has had
/// its chance. It counts only while this process runs. A machine that sleeps again meanwhile gives nobody a chance.
/// </summary>
/// <param name="time">The clock that measures it.</param>
internal sealed class SecondLook(TimeProvider time)
{
    // Beyond the third of the lease after which it is renewed: for the write, which may wait for a lock.
    private static readonly TimeSpan Allowance = TimeSpan.FromSeconds(2);

    // A worker notices within a second or so that the clock was set, whatever its lease. Nobody waits longer than this at a prompt.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    /// <summary>Waits for as long as the slowest of the suspects may take to renew its lease; returns how long that was.</summary>
    public TimeSpan Watch(IReadOnlyCollection<StuckTask> suspects, Action<LeaseWatching>? watching, CancellationToken cancellation)
    {
        var needed = suspects.Max(TimeFor);
        for (var watched = TimeSpan.Zero; watched < needed;)
        {
            watching?.Invoke(new LeaseWatching(suspects.Count, watched, needed));
            var began = time.GetTimestamp();
            Task.Delay(Step, time, cancellation).GetAwaiter().GetResult();
            var passed = time.GetElapsedTime(began);
            watched += passed < Step * 2 ? passed : Step * 2;
        }

        return needed;
    }

    private static TimeSpan TimeFor(StuckTask task)
    {
        var renewal = (task.LeaseExpiresAt - task.HeartbeatAt) / LeaseClock.RenewalsInALease + Allowance;
        return renewal > Allowance && renewal < Longest ? TimeSpan.FromSeconds(Math.Ceiling(renewal.Value.TotalSeconds)) : Longest;
    }
}

/// <summary>How far the second look at tasks is that only their expired lease convicts.</summary>
/// <param name="Tasks">How many are watched.</param>
/// <param name="Watched">For how long already.</param>
/// <param name="Needed">For how long in all.</param>
public readonly record struct LeaseWatching(int Tasks, TimeSpan Watched, TimeSpan Needed);
