using Xunit;

namespace TaskQueue.Tests;

/// <summary>The fence: what a worker says after its claim ended is kept as an event, never as the task's state.</summary>
public sealed class LateResultTests
{
    private static readonly QueueTask Running = TestTask.In(QueueTaskStatus.Running);

    public static TheoryData<string> Endings => ["force cancel", "cleanup", "cleanup and requeue", "recovery", "restart", "new claim"];

    [Theory]
    [MemberData(nameof(Endings))]
    public void A_late_completion_never_overwrites_what_ended_the_claim(string ending)
    {
        var transition = new CompleteTask(Running.Id, TestTask.Token, """{"frames":240}""").Apply(Ended(ending), TestTask.Now);

        Assert.Equal(TaskOutcomeKind.Superseded, transition.Outcome);
        Assert.Null(transition.After);
        Assert.Equal(("late result", """success: {"frames":240}"""), (transition.EventKind, transition.EventDetails));
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public void A_late_failure_never_overwrites_what_ended_the_claim(string ending)
    {
        var transition = new FailTask(Running.Id, TestTask.Token, "disk full", TimeSpan.Zero).Apply(Ended(ending), TestTask.Now);

        Assert.Equal(TaskOutcomeKind.Superseded, transition.Outcome);
        Assert.Null(transition.After);
        Assert.Equal(("late result", "failed: disk full"), (transition.EventKind, transition.EventDetails));
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public void A_late_heartbeat_or_release_is_refused_and_leaves_no_event(string ending)
    {
        var after = Ended(ending);
        var superseded = Transition.Refused(TaskOutcomeKind.Superseded);

        Assert.Equal(superseded, new HeartbeatTask(Running.Id, TestTask.Token, TimeSpan.FromMinutes(1)).Apply(after, TestTask.Now));
        Assert.Equal(
            superseded with { RefusedClaim = TestTask.Token }, new ReleaseTask(Running.Id, TestTask.Token).Apply(after, TestTask.Now));
    }

    [Fact]
    public void A_late_completion_without_a_result_says_so()
    {
        var transition = new CompleteTask(Running.Id, TestTask.Token).Apply(Ended("force cancel"), TestTask.Now);

        Assert.Equal("success: no result", transition.EventDetails);
    }

    [Fact]
    public void A_failure_with_the_operators_own_words_is_no_repeat_of_the_forced_stop()
    {
        var stopped = Ended("force cancel");

        var transition = new FailTask(Running.Id, TestTask.Token, ForceCancelTask.Message, TimeSpan.Zero).Apply(stopped, TestTask.Now);

        Assert.Equal(TaskOutcomeKind.Superseded, transition.Outcome);
    }

    private static QueueTask Ended(string ending)
    {
        TaskChange[] changes = ending switch
        {
            "force cancel" => [new ForceCancelTask(Running.Id)],
            "cleanup" => [new CleanUpStuckTask(TestTask.Judged(Running), Requeue: false)],
            "cleanup and requeue" => [new CleanUpStuckTask(TestTask.Judged(Running), Requeue: true)],
            "recovery" => [new RecoverTask(Running.Id, TestTask.Token, TestTask.Lease, Budget: 3)],
            "restart" => [new CompleteTask(Running.Id, TestTask.Token, "1"), new RestartTask(Running.Id)],
            _ =>
                [
                    new ReleaseTask(Running.Id, TestTask.Token),
                    new ClaimTask(Running.Id, TestTask.OtherToken, "web02:9120", TimeSpan.FromMinutes(1)),
                ],
        };
        return changes.Aggregate(Running, (task, change) => change.Apply(task, TestTask.Now).After!);
    }
}
