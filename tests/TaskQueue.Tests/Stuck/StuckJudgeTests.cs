using Xunit;

namespace TaskQueue.Tests;

public sealed class StuckJudgeTests
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);

    [Theory]
    // An expired lease is judged first, at any age: whether to act on it is a field of its own.
    [InlineData("expired", 180, StuckVerdict.Dead, true)]
    [InlineData("expired", 10, StuckVerdict.Dead, false)]
    [InlineData("expires now", 180, StuckVerdict.Dead, true)]
    [InlineData("expired", null, StuckVerdict.Dead, false)]
    [InlineData("expired", -10, StuckVerdict.Dead, false)]
    [InlineData("holds", 180, StuckVerdict.Slow, true)]
    [InlineData("holds", 60, StuckVerdict.Slow, true)]
    [InlineData("holds", 59, StuckVerdict.Healthy, false)]
    [InlineData("holds", null, StuckVerdict.Healthy, false)]
    [InlineData("holds", -10, StuckVerdict.Healthy, false)]
    [InlineData("none", 180, StuckVerdict.Silent, true)]
    [InlineData("none", 60, StuckVerdict.Silent, true)]
    [InlineData("none", 59, StuckVerdict.Healthy, false)]
    [InlineData("none", null, StuckVerdict.Healthy, false)]
    [InlineData("none", -10, StuckVerdict.Healthy, false)]
    public void The_lease_speaks_before_the_age(string lease, int? ageInMinutes, StuckVerdict verdict, bool isOldEnough)
    {
        var task = TestTask.In(QueueTaskStatus.Running) with
        {
            StateSince = ageInMinutes is { } minutes ? TestTask.Now.AddMinutes(-minutes) : null,
            LeaseExpiresAt = lease switch
            {
                "expired" => TestTask.Now.AddMinutes(-5),
                "expires now" => TestTask.Now,
                "holds" => TestTask.Now.AddTicks(1),
                _ => null,
            },
        };

        var judged = StuckJudge.Judge(task, Liveness.Unknown, TestTask.Now, MaxAge);

        Assert.Equal((verdict, isOldEnough), (judged.Verdict, judged.IsOldEnough));
        Assert.Equal(ageInMinutes, judged.Age?.TotalMinutes);
    }

    [Theory]
    // Proof of death goes before every lease and at any age: nobody will renew it.
    [InlineData(LivenessState.Gone, 5, 180, StuckVerdict.Dead)]
    [InlineData(LivenessState.Gone, 5, 1, StuckVerdict.Dead)]
    [InlineData(LivenessState.Gone, -5, 180, StuckVerdict.Dead)]
    [InlineData(LivenessState.Gone, null, 1, StuckVerdict.Dead)]
    // A worker that lives and lets its lease expire hangs, at any age; with a lease that holds it is only slow.
    [InlineData(LivenessState.Alive, -5, 180, StuckVerdict.Stalled)]
    [InlineData(LivenessState.Alive, 0, 1, StuckVerdict.Stalled)]
    [InlineData(LivenessState.Alive, 5, 180, StuckVerdict.Slow)]
    [InlineData(LivenessState.Alive, 5, 1, StuckVerdict.Healthy)]
    // What cannot be known is never taken for a proof.
    [InlineData(LivenessState.Unknown, -5, 180, StuckVerdict.Dead)]
    [InlineData(LivenessState.Unknown, 5, 180, StuckVerdict.Slow)]
    [InlineData(LivenessState.Unknown, 5, 1, StuckVerdict.Healthy)]
    public void The_workers_process_speaks_before_the_lease(
        LivenessState worker, int? leaseInMinutes, int ageInMinutes, StuckVerdict verdict)
    {
        var task = TestTask.In(QueueTaskStatus.Running) with
        {
            StateSince = TestTask.Now.AddMinutes(-ageInMinutes),
            LeaseExpiresAt = leaseInMinutes is { } minutes ? TestTask.Now.AddMinutes(minutes) : null,
        };

        var judged = StuckJudge.Judge(task, new Liveness(worker, "web01:4711 says so"), TestTask.Now, MaxAge);

        Assert.Equal((verdict, ageInMinutes >= 60), (judged.Verdict, judged.IsOldEnough));
    }

    [Fact]
    public void The_limit_itself_is_old_enough_and_one_tick_less_is_not()
    {
        var task = TestTask.In(QueueTaskStatus.Running) with { StateSince = TestTask.Now - MaxAge };

        Assert.True(StuckJudge.Judge(task, Liveness.Unknown, TestTask.Now, MaxAge).IsOldEnough);
        Assert.False(StuckJudge.Judge(task, Liveness.Unknown, TestTask.Now.AddTicks(-1), MaxAge).IsOldEnough);
    }

    [Fact]
    public void Without_any_floor_a_start_in_the_future_is_still_not_old_enough()
    {
        var task = TestTask.In(QueueTaskStatus.Running) with { StateSince = TestTask.Now.AddSeconds(1), LeaseExpiresAt = null };

        Assert.False(StuckJudge.Judge(task, Liveness.Unknown, TestTask.Now, TimeSpan.Zero).IsOldEnough);
    }

    [Fact]
    public void A_judgement_carries_the_facts_a_cleanup_repeats()
    {
        var task = TestTask.In(QueueTaskStatus.Running);

        var judged = StuckJudge.Judge(task, Liveness.Unknown, TestTask.Now, MaxAge);

        Assert.Equal((task.Id, task.Type, task.Queue, task.Worker), (judged.Id, judged.Type, judged.Queue, judged.Worker));
        Assert.Equal((task.Revision, task.ClaimToken, task.LeaseExpiresAt), (judged.Revision, judged.ClaimToken, judged.LeaseExpiresAt));
        Assert.Null(judged.SkipReason);
    }
}
