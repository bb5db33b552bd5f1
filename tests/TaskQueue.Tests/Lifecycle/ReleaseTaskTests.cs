using Xunit;

namespace TaskQueue.Tests;

public sealed class ReleaseTaskTests
{
    private static readonly ReleaseTask Release = new("render-881", TestTask.Token);

    [Fact]
    public void A_release_costs_no_retry_and_no_recovery_and_is_due_at_once()
    {
        var before = TestTask.In(QueueTaskStatus.Running);

        var transition = Release.Apply(before, TestTask.Now);

        var after = transition.After!;
        Assert.Equal(QueueTaskStatus.Pending, after.Status);
        Assert.Equal((before.RetryCount, before.Recoveries, before.Attempt), (after.RetryCount, after.Recoveries, after.Attempt));
        Assert.Equal(TestTask.Now, after.DueAt);
        Assert.Equal(TestTask.Now, after.StateSince);
        Assert.Null(after.StartedAt);
        Assert.Null(after.LeaseExpiresAt);
        Assert.Null(after.Progress);
        Assert.Null(transition.EventKind);
    }

    [Fact]
    public void A_task_that_only_waited_for_its_handler_was_not_attempted()
    {
        var before = TestTask.In(QueueTaskStatus.Running);

        Assert.Equal(before.Attempt - 1, (Release with { HasBegun = false }).Apply(before, TestTask.Now).After!.Attempt);
    }

    [Fact]
    public void A_repeated_release_is_applied_and_writes_nothing_more()
    {
        var released = Release.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

        Assert.Equal(Transition.AlreadyApplied, Release.Apply(released, TestTask.Now.AddHours(1)));
    }

    [Fact]
    public void After_a_release_the_worker_cannot_complete_what_it_gave_back()
    {
        var released = Release.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

        var completion = new CompleteTask(released.Id, TestTask.Token, "1").Apply(released, TestTask.Now);

        Assert.Equal(TaskOutcomeKind.Superseded, completion.Outcome);
        Assert.Null(completion.After);
    }
}
