using Xunit;

namespace TaskQueue.Tests;

/// <summary>A cleanup that would go by an expired lease alone looks twice, a renewal apart.</summary>
public sealed class SecondLookTests
{
    // Its lease is one of a minute.
    private static readonly QueueTask Expired = TestTask.In(QueueTaskStatus.Running);

    private readonly SkippingTime _time = new();
    private readonly Dictionary<Guid, LivenessState> _processes = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_task_whose_lease_is_renewed_between_the_looks_is_left_alone()
    {
        using var store = new MemoryTaskStore(Expired with { Id = "live" }, Expired with { Id = "dead" });
        _time.Waiting = () => store["live"] = Renewed(store["live"]);

        var (first, second) = LookTwice(store);

        Assert.Equal(["dead", "live"], first.Stuck.Select(task => task.Id));
        var dead = Assert.Single(second.Stuck);
        Assert.Equal("dead", dead.Id);
        Assert.EndsWith("not renewed while it was watched for 22s", dead.Evidence, StringComparison.Ordinal);
        Assert.Equal(
            ("live", "its worker lives", new Advice.IncludeVerdict(StuckVerdict.Slow)),
            (second.Skipped[0].Id, second.Skipped[0].SkipReason, second.Skipped[0].SkipAdvice));
        Assert.Equal(0, store.Writes);
    }

    [Theory]
    [InlineData(LivenessState.Unknown)]
    [InlineData(LivenessState.Alive)]
    public void A_lease_is_watched_for_longer_than_its_renewal_takes_whether_the_process_is_seen_or_not(LivenessState state)
    {
        using var store = StoreOf(state, Expired);

        Assert.Single(LookTwice(store).Second.Stuck);

        Assert.InRange(_time.Waited, TimeSpan.FromSeconds(21), TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData(1, 2, 3)]
    [InlineData(24 * 60 * 60, 30, 30)]
    [InlineData(null, 30, 30)]
    public void It_is_watched_for_half_a_minute_at_most(int? leaseSeconds, int least, int most)
    {
        using var store = new MemoryTaskStore(
            Expired with { HeartbeatAt = leaseSeconds is { } seconds ? TestTask.Lease.AddSeconds(-seconds) : null });

        Assert.Single(LookTwice(store).Second.Stuck);

        Assert.InRange(_time.Waited, TimeSpan.FromSeconds(least), TimeSpan.FromSeconds(most));
    }

    [Fact]
    public void Better_evidence_than_a_lease_is_not_waited_for()
    {
        using var store = StoreOf(
            LivenessState.Gone,
            Expired with { Id = "of a process that is gone" },
            Expired with { Id = "silent", LeaseExpiresAt = null, HeartbeatAt = null, WorkerId = null },
            Expired with { Id = "without a claim that anybody could renew", ClaimToken = null, WorkerId = null },
            Expired with { Id = "young", StateSince = TestTask.Now.AddMinutes(-30), WorkerId = null },
            Expired with { Id = "slow", LeaseExpiresAt = TestTask.Now.AddMinutes(1), HeartbeatAt = TestTask.Now, WorkerId = null });

        var (first, second) = LookTwice(store);

        Assert.Equal(3, first.Stuck.Count);
        Assert.Same(first, second);
        Assert.Equal(TimeSpan.Zero, _time.Waited);
    }

    [Fact]
    public void A_stalled_task_is_watched_only_if_it_would_be_stopped()
    {
        using var store = StoreOf(LivenessState.Alive, Expired);

        Assert.Empty(LookTwice(store, new StuckPolicy()).Second.Stuck);

        Assert.Equal(TimeSpan.Zero, _time.Waited);
    }

    [Fact]
    public void A_lease_that_expires_during_the_watching_is_not_judged_by_it()
    {
        using var store = new MemoryTaskStore(Expired with { Id = "dead" }, Renewed(Expired with { Id = "next" }));
        _time.Waiting = () => store["next"] = Expired with { Id = "next", LeaseExpiresAt = TestTask.Now.AddTicks(-1) };

        var second = LookTwice(store).Second;

        Assert.Equal(["dead"], second.Stuck.Select(task => task.Id));
        Assert.Equal("its lease expired only while others were watched", Assert.Single(second.Skipped).SkipReason);
    }

    [Fact]
    public void A_process_that_is_gone_by_the_second_look_needs_no_more_watching()
    {
        using var store = StoreOf(LivenessState.Unknown, Expired with { Id = "dead" }, Renewed(Expired with { Id = "killed" }));
        _time.Waiting = () => _processes[store["killed"].WorkerId!.Value] = LivenessState.Gone;

        Assert.Equal(["dead", "killed"], LookTwice(store).Second.Stuck.Select(task => task.Id));
    }

    [Fact]
    public void Only_the_time_counts_in_which_the_watcher_itself_ran()
    {
        // Each time it wakes an hour has passed, as on a machine that sleeps again and again.
        var time = new SkippingTime { Oversleep = TimeSpan.FromHours(1) };
        using var store = new MemoryTaskStore(Expired);

        LookTwice(store, time: time);

        Assert.InRange(time.Waited, TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void The_watching_ends_when_it_is_cancelled_and_tells_how_far_it_is()
    {
        using var store = new MemoryTaskStore(Expired);
        using var ctrlC = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var cleanup = new StuckTaskCleanup(store, new WorkerDirectory(store), _time);
        var told = new List<LeaseWatching>();

        Assert.ThrowsAny<OperationCanceledException>(() => cleanup.Confirm(
            cleanup.Plan(new StuckPolicy(), Cancel),
            watching =>
            {
                told.Add(watching);
                if (told.Count == 3)
                {
                    ctrlC.Cancel();
                }
            },
            ctrlC.Token));

        Assert.Equal([0, 1, 2], told.Select(watching => watching.Watched.TotalSeconds));
        Assert.All(told, watching => Assert.Equal((1, 22), (watching.Tasks, watching.Needed.TotalSeconds)));
    }

    private static QueueTask Renewed(QueueTask task) =>
        task with { HeartbeatAt = TestTask.Now, LeaseExpiresAt = TestTask.Now.AddMinutes(1) };

    /// <summary>A store in which each task has a worker whose process stands so, but for those that have none.</summary>
    private MemoryTaskStore StoreOf(LivenessState state, params QueueTask[] tasks)
    {
        var held = tasks
            .Select((task, index) => index == 0 || task.LeaseExpiresAt > TestTask.Now ? task with { WorkerId = Guid.NewGuid() } : task)
            .ToArray();
        Guid[] workers = [.. held.Select(task => task.WorkerId).OfType<Guid>()];
        Array.ForEach(workers, worker => _processes[worker] = LivenessState.Alive);
        _processes[workers[0]] = state;
        return new MemoryTaskStore(held) { Workers = new MemoryWorkers(workers) };
    }

    private (CleanupPlan First, CleanupPlan Second) LookTwice(MemoryTaskStore store, StuckPolicy? policy = null, SkippingTime? time = null)
    {
        var workers = new WorkerDirectory(store, worker => new Liveness(_processes[worker.Id], worker.Name));
        var cleanup = new StuckTaskCleanup(store, workers, time ?? _time);
        var first = cleanup.Plan(policy ?? new StuckPolicy { IncludeStalled = true }, Cancel);
        return (first, cleanup.Confirm(first, null, Cancel));
    }
}
