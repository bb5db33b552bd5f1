using Xunit;

namespace TaskQueue.Tests;

public sealed class ClaimTaskTests
{
    private static readonly ClaimTask Claim = new("render-881", TestTask.OtherToken, "web02:9120", TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    public void A_claim_sets_attempt_token_times_lease_and_worker(QueueTaskStatus from)
    {
        var before = TestTask.In(from) with { Progress = 40, ProgressMessage = "encoding" };

        var transition = Claim.Apply(before, TestTask.Now);

        var expected = before with
        {
            Status = QueueTaskStatus.Running,
            StatusText = "running",
            Gate = null,
            StateSince = TestTask.Now,
            Age = TimeSpan.Zero,
            Attempt = before.Attempt + 1,
            ClaimToken = TestTask.OtherToken,
            Worker = "web02:9120",
            StartedAt = TestTask.Now,
            BegunAt = TestTask.Now,
            HeartbeatAt = TestTask.Now,
            LeaseExpiresAt = TestTask.Now.AddMinutes(1),
            Progress = null,
            ProgressMessage = null,
            ProgressAt = TestTask.Now,
        };
        Assert.Equal(expected, transition.After);
        Assert.Null(transition.EventKind);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    public void A_task_is_claimed_from_the_very_moment_it_is_due(QueueTaskStatus from)
    {
        var before = TestTask.In(from);

        Assert.Equal(
            TaskOutcomeKind.WrongStatus, Claim.Apply(before.WaitUntil(TestTask.Now.AddTicks(1), TestTask.Now), TestTask.Now).Outcome);
        Assert.Equal(TaskOutcomeKind.Applied, Claim.Apply(before.WaitUntil(TestTask.Now, TestTask.Now), TestTask.Now).Outcome);
        Assert.Equal(TaskOutcomeKind.Applied, Claim.Apply(before.WaitUntil(null, TestTask.Now), TestTask.Now).Outcome);
    }

    [Fact]
    public void What_was_due_once_stays_so_when_the_clock_is_set_back()
    {
        var before = TestTask.In(QueueTaskStatus.Pending) with { DueAt = TestTask.Now };

        var transition = Claim.Apply(before, TestTask.Now.AddHours(-1));

        Assert.Equal(TestTask.Now.AddHours(-1), transition.After!.DueAt);
    }

    [Fact]
    public void A_claim_whose_answer_was_lost_is_applied_once_and_writes_nothing_more()
    {
        var claimed = Claim.Apply(TestTask.In(QueueTaskStatus.Pending), TestTask.Now).After!;

        var again = Claim.Apply(claimed, TestTask.Now.AddMinutes(5));

        Assert.Equal(Transition.AlreadyApplied, again);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    public void A_token_whose_claim_has_ended_claims_the_same_task_never_again(QueueTaskStatus endedIn)
    {
        var before = TestTask.In(endedIn) with { ClaimToken = TestTask.OtherToken };

        Assert.Equal(Transition.Refused(TaskOutcomeKind.Superseded), Claim.Apply(before, TestTask.Now));
    }

    [Fact]
    public void A_held_task_is_not_claimed_even_after_its_lease()
    {
        Assert.Equal(TaskOutcomeKind.WrongStatus, Claim.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).Outcome);
    }
}
