using Xunit;

namespace TaskQueue.Tests;

public sealed class CompleteTaskTests
{
    private static readonly CompleteTask Complete = new("render-881", TestTask.Token, """{"frames":240}""");

    [Fact]
    public void A_completion_sets_result_and_time_and_writes_no_event()
    {
        var before = TestTask.In(QueueTaskStatus.Running) with { ErrorMessage = "disk full" };

        var transition = Complete.Apply(before, TestTask.Now);

        var after = transition.After!;
        Assert.Equal(QueueTaskStatus.Success, after.Status);
        Assert.Equal(Complete.ResultJson, after.ResultJson);
        Assert.Equal(TestTask.Now, after.CompletedAt);
        Assert.Equal(TestTask.Now, after.StateSince);
        Assert.Null(after.ErrorMessage);
        Assert.Null(after.LeaseExpiresAt);
        Assert.Equal(
            (before.Attempt, before.RetryCount, before.StartedAt, before.Worker),
            (after.Attempt, after.RetryCount, after.StartedAt, after.Worker));
        Assert.Null(transition.EventKind);
    }

    [Fact]
    public void A_completion_after_the_lease_but_before_any_recovery_still_counts()
    {
        var before = TestTask.In(QueueTaskStatus.Running) with { LeaseExpiresAt = TestTask.Now.AddDays(-1) };

        Assert.Equal(QueueTaskStatus.Success, Complete.Apply(before, TestTask.Now).After?.Status);
    }

    [Fact]
    public void A_repeated_completion_is_applied_and_writes_nothing_more()
    {
        var completed = Complete.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

        Assert.Equal(Transition.AlreadyApplied, Complete.Apply(completed, TestTask.Now.AddHours(1)));
    }

    [Fact]
    public void A_second_completion_with_another_result_is_late()
    {
        var completed = Complete.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

        var second = (Complete with { ResultJson = "2" }).Apply(completed, TestTask.Now);

        Assert.Equal(TaskOutcomeKind.Superseded, second.Outcome);
        Assert.Null(second.After);
    }
}
