using Xunit;

namespace TaskQueue.Tests;

public sealed class CleanUpStuckTaskTests
{
    private static readonly QueueTask Running = TestTask.In(QueueTaskStatus.Running);

    [Fact]
    public void A_cleaned_task_has_failed_with_the_originals_message_and_no_claim()
    {
        var transition = new CleanUpStuckTask(TestTask.Judged(Running), Requeue: false).Apply(Running, TestTask.Now);

        var after = transition.After!;
        Assert.Equal(QueueTaskStatus.Failed, after.Status);
        Assert.Equal("Force terminated - stuck in running status", after.ErrorMessage);
        Assert.Equal(TestTask.Now, after.CompletedAt);
        Assert.Equal(TestTask.Now, after.StateSince);
        Assert.Null(after.ClaimToken);
        Assert.Null(after.LeaseExpiresAt);
        Assert.Equal(Running.Recoveries, after.Recoveries);
        Assert.Equal("cleanup", transition.EventKind);
    }

    [Fact]
    public void A_requeued_task_is_due_at_once_and_counts_a_recovery()
    {
        var transition = new CleanUpStuckTask(TestTask.Judged(Running), Requeue: true).Apply(Running, TestTask.Now);

        var after = transition.After!;
        Assert.Equal(QueueTaskStatus.Pending, after.Status);
        Assert.Equal(Running.Recoveries + 1, after.Recoveries);
        Assert.Equal(Running.RetryCount, after.RetryCount);
        Assert.Equal(Running.Attempt, after.Attempt);
        Assert.Equal(TestTask.Now, after.DueAt);
        Assert.Null(after.ClaimToken);
        Assert.Null(after.LeaseExpiresAt);
        Assert.Null(after.StartedAt);
        Assert.Null(after.Progress);
        Assert.Equal("cleanup", transition.EventKind);
    }

    public static TheoryData<string> Changes => ["revision", "claim", "lease renewed", "lease gone"];

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_dead_task_that_changed_since_it_was_judged_is_left_alone(string what)
    {
        var now = what switch
        {
            "revision" => Running with { Revision = "8" },
            "claim" => Running with { ClaimToken = TestTask.OtherToken },
            "lease renewed" => Running with { LeaseExpiresAt = TestTask.Now.AddMinutes(1) },
            _ => Running with { LeaseExpiresAt = null },
        };

        var transition = new CleanUpStuckTask(TestTask.Judged(Running), Requeue: false).Apply(now, TestTask.Now);

        Assert.Equal(Transition.Refused(TaskOutcomeKind.Superseded), transition);
    }

    [Fact]
    public void A_slow_task_is_cleaned_although_its_worker_renews_the_lease()
    {
        var slow = Running with { LeaseExpiresAt = TestTask.Now.AddMinutes(1) };
        var judged = TestTask.Judged(slow);
        Assert.Equal(StuckVerdict.Slow, judged.Verdict);

        var renewed = slow with { LeaseExpiresAt = TestTask.Now.AddMinutes(2), HeartbeatAt = TestTask.Now };

        Assert.Equal(QueueTaskStatus.Failed, new CleanUpStuckTask(judged, Requeue: false).Apply(renewed, TestTask.Now).After?.Status);
    }

    [Fact]
    public void A_slow_task_under_a_new_claim_is_left_alone()
    {
        var slow = Running with { LeaseExpiresAt = TestTask.Now.AddMinutes(1) };
        var judged = TestTask.Judged(slow);

        var outcome = new CleanUpStuckTask(judged, Requeue: false).Apply(
            slow with { ClaimToken = TestTask.OtherToken }, TestTask.Now).Outcome;

        Assert.Equal(TaskOutcomeKind.Superseded, outcome);
    }

    [Fact]
    public void A_silent_task_that_shows_a_lease_meanwhile_is_left_alone()
    {
        var silent = Running with { LeaseExpiresAt = null, HeartbeatAt = null, ClaimToken = null };
        var judged = TestTask.Judged(silent);
        Assert.Equal(StuckVerdict.Silent, judged.Verdict);

        Assert.Equal(TaskOutcomeKind.Applied, new CleanUpStuckTask(judged, Requeue: false).Apply(silent, TestTask.Now).Outcome);
        Assert.Equal(
            TaskOutcomeKind.Superseded,
            new CleanUpStuckTask(judged, Requeue: false).Apply(
                silent with { LeaseExpiresAt = TestTask.Now.AddMinutes(1) }, TestTask.Now).Outcome);
    }
}
