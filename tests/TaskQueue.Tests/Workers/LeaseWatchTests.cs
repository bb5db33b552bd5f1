using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>
/// Clocks jump, machines sleep and processes end: a lease convicts nobody unless it was watched, and a watch outlives its process.
/// </summary>
public sealed class LeaseWatchTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private LeaseWatch _watch = new(Second);
    private string? _boot = "this start";
    private readonly Guid _token = Guid.NewGuid();
    private DateTimeOffset _now = TestTask.Now;
    private TimeSpan _uptime = TimeSpan.FromDays(3);
    private readonly Dictionary<Guid, LeaseSighting> _kept = [];
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
    public void A_clock_that_jumps_backward_convicts_nobody_who_renews()
    {
        Assert.False(LookAfter(Second));
        _now -= TimeSpan.FromHours(1);
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
    public void A_lease_in_the_future_is_overdue_once_it_was_seen_unrenewed_for_its_length()
    {
        // As a worker whose clock was ahead has left it behind.
        _heartbeat += TimeSpan.FromDays(1);

        Assert.Equal(11, LooksUntilOverdue());
    }

    [Fact]
    public void A_watch_goes_on_in_the_next_process()
    {
        _now += TimeSpan.FromDays(1);
        var watched = 0;
        while (!LookAfter(Second))
        {
            Assert.True(++watched < 20, "The watch began anew.");
            BeginAnew();
        }

        Assert.Equal(10, watched);
    }

    [Fact]
    public void Of_the_time_between_two_processes_a_third_of_the_lease_counts_at_most()
    {
        _now += TimeSpan.FromDays(1);
        var processes = 1;
        while (!LookAfter(TimeSpan.FromMinutes(30)))
        {
            processes++;
            BeginAnew();
        }

        Assert.Equal(4, processes);
    }

    [Fact]
    public void A_lease_that_was_renewed_between_two_processes_is_watched_anew()
    {
        _now += TimeSpan.FromDays(1);
        for (var process = 0; process < 100; process++)
        {
            if (process % 3 == 0)
            {
                _heartbeat = _now - TimeSpan.FromHours(1);
            }

            Assert.False(LookAfter(TimeSpan.FromMinutes(30)));
            BeginAnew();
        }
    }

    [Fact]
    public void A_clock_that_jumps_between_two_processes_of_a_machine_counts_for_nothing()
    {
        _now += TimeSpan.FromDays(1);
        for (var process = 0; process < 100; process++)
        {
            Assert.False(LookAfter(TimeSpan.Zero));
            _now += TimeSpan.FromHours(process % 2 == 0 ? 1 : -1);
            BeginAnew();
        }
    }

    [Fact]
    public void On_another_machine_the_time_between_is_that_of_the_queues_clock()
    {
        _now += TimeSpan.FromDays(1);
        var processes = 1;
        while (!LookAfter(Second))
        {
            Assert.True(++processes < 20, "The watch began anew.");
            BeginAnew();
            _boot = Guid.NewGuid().ToString();
            _uptime = TimeSpan.FromMinutes(processes);
        }

        Assert.Equal(11, processes);
    }

    [Fact]
    public void Nothing_is_kept_of_a_lease_that_is_renewed_in_time()
    {
        for (var second = 0; second < 100; second++)
        {
            if (second % 4 == 0)
            {
                _heartbeat = _now;
            }

            LookAfter(Second);
        }

        Assert.Empty(_kept);
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
        _uptime += sinceLastLook;
        var task = TestTask.In(QueueTaskStatus.Running) with
        {
            ClaimToken = _token, HeartbeatAt = _heartbeat, LeaseExpiresAt = _heartbeat + Lease,
        };
        var overdue = _watch.Look([task], new(_now, _uptime, _boot), () => [.. _kept.Values]);
        foreach (var sighting in _watch.ToKeep)
        {
            _kept[sighting.Token] = sighting;
        }

        return overdue.Count > 0;
    }

    /// <summary>The process ends; the next one knows only what was kept.</summary>
    private void BeginAnew() => _watch = new LeaseWatch(Second);
}
