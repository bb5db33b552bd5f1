using Xunit;

namespace TaskQueue.Tests;

public sealed class HeartbeatTaskTests
{
    private static readonly TimeSpan LeaseTime = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_heartbeat_renews_the_lease_and_changes_nothing_else()
    {
        var before = TestTask.In(QueueTaskStatus.Running);

        var transition = new HeartbeatTask(before.Id, TestTask.Token, LeaseTime).Apply(before, TestTask.Now);

        Assert.Equal(before with { HeartbeatAt = TestTask.Now, LeaseExpiresAt = TestTask.Now + LeaseTime }, transition.After);
        Assert.Null(transition.EventKind);
    }

    [Fact]
    public void Progress_is_recorded_where_it_is_given()
    {
        var before = TestTask.In(QueueTaskStatus.Running);

        var number = new HeartbeatTask(before.Id, TestTask.Token, LeaseTime, 71).Apply(before, TestTask.Now).After!;
        var words = new HeartbeatTask(before.Id, TestTask.Token, LeaseTime, ProgressMessage: "packing").Apply(before, TestTask.Now).After!;

        Assert.Equal((71d, "encoding"), (number.Progress, number.ProgressMessage));
        Assert.Equal((40d, "packing"), (words.Progress, words.ProgressMessage));
    }

    [Fact]
    public void Only_a_heartbeat_and_coming_due_make_no_new_revision()
    {
        var changes = TransitionTableTests.Cells()
            .Select(cell => TransitionTableTests.ChangeNamed(cell.Data.Item1))
            .DistinctBy(change => change.GetType());

        Assert.Equal(["heartbeat", "due"], changes.Where(change => !change.BumpsRevision).Select(change => change.Kind));
    }
}
