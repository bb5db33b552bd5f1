using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Clocks jump and machines sleep: a lease convicts nobody unless it was watched.</summary>
public sealed class LeaseWatchTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly LeaseWatch _watch = new(Second);
    private readonly Guid _token = Guid.NewGuid();
    private DateTimeOffset _now = TestTask.Now;
    private DateTimeOffset _heartbeat = TestTask.Now;

    [Fact]
    public void A_lease_that_expires_unrenewed_is_overdue_after_a_whole_lease_of_watching()
    {
        Assert.Equal(11, LooksUntilOverdue());
        Assert.True(_now >= _heartbeat + Lease);
    }

    [Fact]
    public void A_lease_that_was_expired_when_it_was_first_seen_is_watched_for_a_whole_lease_all_the_same()
    {
        _now += TimeSpan.FromDays(1);

        Assert.Equal(11, LooksUntilOverdue());
    }

    [Fact]
    public void A_clock_that_jumps_forward_convicts_nobody_who_renews()
    {
        Assert.False(LookAfter(Second));
        _now += TimeSpan.FromHours(1);
        for (var second = 0; second < 100; second++)
        {
            if (second % 3 == 0)
            {
                _heartbeat = _now;
            }

            Assert.False(LookAfter(Second));
        }
    }

    [Fact]
    public void A_clock_that_jumps_backward_convicts_nobody_before_the_lease_expires()
    {
        Assert.False(LookAfter(Second));
        _now -= TimeSpan.FromHours(1);
        for (var second = 0; second < 100; second++)
        {
            Assert.False(LookAfter(Second));
        }
    }

    [Fact]
    public void A_night_that_the_machine_slept_does_not_count_as_watched()
    {
        Assert.False(LookAfter(Second));
        _now += TimeSpan.FromHours(8);

        // The monotonic clock of some systems goes on in sleep: the watcher itself did not run.
        Assert.False(LookAfter(TimeSpan.FromHours(8)));
        _heartbeat = _now;
        Assert.False(LookAfter(Second));
    }

    [Fact]
    public void A_renewed_lease_is_watched_anew()
    {
        for (var second = 0; second < 9; second++)
        {
            Assert.False(LookAfter(Second));
        }

        _heartbeat = _now;
        Assert.Equal(11, LooksUntilOverdue());
    }

    [Fact]
    public void What_was_watched_while_nobody_could_write_is_forgotten()
    {
        for (var second = 0; second < 9; second++)
        {
            Assert.False(LookAfter(Second));
        }

        _watch.Forget();
        Assert.Equal(11, LooksUntilOverdue());
    }

    private int LooksUntilOverdue()
    {
        var looks = 1;
        while (!LookAfter(Second))
        {
            looks++;
        }

        return looks;
    }

    private bool LookAfter(TimeSpan sinceLastLook)
    {
        _now += sinceLastLook < TimeSpan.FromHours(1) ? sinceLastLook : TimeSpan.Zero;
        var task = TestTask.In(QueueTaskStatus.Running) with { ClaimToken = _token, HeartbeatAt = _heartbeat, LeaseExpiresAt = _heartbeat + Lease };
        return _watch.Look([task], _now, sinceLastLook).Count > 0;
    }
}
