using Xunit;

namespace TaskQueue.Tests;

public sealed class ProgressTimeoutTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);
    private static readonly Liveness Alive = new(LivenessState.Alive, "web01:4711 lives");

    private static readonly QueueTask Hanging = TestTask.In(QueueTaskStatus.Running) with
    {
        LeaseExpiresAt = TestTask.Now.AddMinutes(1),
        HeartbeatAt = TestTask.Now,
        ProgressAt = TestTask.Now.AddMinutes(-12),
    };

    [Fact]
    public void A_live_workers_task_without_progress_for_too_long_is_stalled()
    {
        var judged = Judge(Hanging, Alive);

        Assert.Equal((StuckVerdict.Stalled, true, true), (judged.Verdict, judged.MadeNoProgress, judged.IsOldEnough));
        Assert.Equal(
            "no progress for 12 m; lease holds for 1.0 m; running 3.0 h; worker web01:4711 lives; heartbeat 0 s ago; 40 % \"encoding\"",
            judged.Evidence);
    }

    [Theory]
    [InlineData(LivenessState.Alive, StuckVerdict.Stalled)]
    [InlineData(LivenessState.Unknown, StuckVerdict.Stalled)]
    [InlineData(LivenessState.Gone, StuckVerdict.Dead)]
    public void A_lease_that_holds_is_a_proof_of_life_but_not_against_proof_of_death(LivenessState state, StuckVerdict verdict) =>
        Assert.Equal(verdict, Judge(Hanging, new Liveness(state, "seen")).Verdict);

    [Fact]
    public void Progress_within_the_limit_or_no_limit_at_all_convicts_nobody()
    {
        Assert.Equal(StuckVerdict.Slow, Judge(Hanging with { ProgressAt = TestTask.Now.AddMinutes(-9) }, Alive).Verdict);
        Assert.Equal(StuckVerdict.Slow, Judge(Hanging with { ProgressAt = null }, Alive).Verdict);
        Assert.Equal(StuckVerdict.Slow, StuckJudge.Judge(Hanging, Alive, TestTask.Now, StuckPolicy.DefaultMaxAge).Verdict);
    }

    [Fact]
    public void A_young_task_is_seen_as_stalled_and_still_left_alone() =>
        Assert.False(Judge(Hanging with { StateSince = TestTask.Now.AddMinutes(-15) }, Alive).IsOldEnough);

    [Fact]
    public void A_cleanup_repeats_that_there_was_no_progress_while_the_lease_goes_on_being_renewed()
    {
        var change = new CleanUpStuckTask(Judge(Hanging, Alive), Requeue: false);
        var renewed = Hanging with { LeaseExpiresAt = TestTask.Now.AddMinutes(2) };

        Assert.Equal(TaskOutcomeKind.Applied, change.Apply(renewed, TestTask.Now).Outcome);
        Assert.Equal(TaskOutcomeKind.Superseded, change.Apply(renewed with { ProgressAt = TestTask.Now }, TestTask.Now).Outcome);
    }

    [Fact]
    public void Only_a_heartbeat_that_reports_something_counts_as_progress()
    {
        Assert.Equal(Hanging.ProgressAt, Beat(null, null).ProgressAt);
        Assert.Equal(TestTask.Now, Beat(41, null).ProgressAt);
        Assert.Equal(TestTask.Now, Beat(null, "encoding").ProgressAt);

        static QueueTask Beat(double? progress, string? message) =>
            new HeartbeatTask(Hanging.Id, TestTask.Token, null, progress, message).Apply(Hanging, TestTask.Now).After!;
    }

    private static StuckTask Judge(QueueTask task, Liveness worker) =>
        StuckJudge.Judge(task, worker, TestTask.Now, StuckPolicy.DefaultMaxAge, Limit);
}
