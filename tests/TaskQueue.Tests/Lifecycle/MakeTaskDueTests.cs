using Xunit;

namespace TaskQueue.Tests;

public sealed class MakeTaskDueTests
{
    private static readonly MakeTaskDue Due = new("render-881");

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    public void A_task_can_be_claimed_from_the_moment_it_is_due_and_not_before(QueueTaskStatus status)
    {
        var before = TestTask.In(status).WaitUntil(TestTask.Now, TestTask.Now.AddHours(-1));

        Assert.Equal(TaskGate.NotDue, before.Gate);
        Assert.Equal(Transition.Refused(TaskOutcomeKind.Superseded), Due.Apply(before, TestTask.Now.AddTicks(-1)));
        Assert.Equal(before with { Gate = TaskGate.Open }, Due.Apply(before, TestTask.Now).After);
    }

    [Fact]
    public void It_leaves_no_event_and_what_an_operator_has_read_still_holds()
    {
        var before = TestTask.In(QueueTaskStatus.Pending).WaitUntil(TestTask.Now, TestTask.Now.AddHours(-1));

        Assert.Null(Due.Apply(before, TestTask.Now).EventKind);
        Assert.False(Due.BumpsRevision);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Pending, TaskOutcomeKind.Applied)]
    [InlineData(QueueTaskStatus.Running, TaskOutcomeKind.WrongStatus)]
    [InlineData(QueueTaskStatus.Success, TaskOutcomeKind.WrongStatus)]
    public void What_does_not_wait_for_its_time_stays_as_it_is(QueueTaskStatus status, TaskOutcomeKind outcome)
    {
        var transition = Due.Apply(TestTask.In(status), TestTask.Now);

        Assert.Equal((outcome, null), (transition.Outcome, transition.After));
    }
}
