using Xunit;

namespace TaskQueue.Tests.Workers;

public sealed class HeldTasksTests
{
    private readonly HeldTasks _held = new();

    private readonly HeldTask _task = new(
        TestTask.In(QueueTaskStatus.Running), new WorkerOptions(), LeaseClock.MarkOf(TimeProvider.System));

    [Fact]
    public void A_task_whose_stop_came_before_its_claim_was_answered_never_begins()
    {
        _held.BeginClaim([_task.Token]);

        Assert.Null(_held.FindOrRefuse(_task.Token));
        Assert.False(_held.TryAdd(_task));
        Assert.True(_held.IsEmpty);
    }

    [Fact]
    public void A_claim_on_its_way_counts_as_known_until_it_is_answered()
    {
        _held.BeginClaim([_task.Token]);
        Assert.True(_held.Knows(_task.Token));
        Assert.True(_held.TryAdd(_task));
        _held.EndClaim();
        Assert.True(_held.Knows(_task.Token));
        Assert.Same(_task, _held.FindOrRefuse(_task.Token));

        _held.Remove(_task);
        Assert.False(_held.Knows(_task.Token));
    }

    [Fact]
    public void A_stop_of_an_old_claim_refuses_no_new_one()
    {
        Assert.Null(_held.FindOrRefuse(_task.Token));
        _held.BeginClaim([_task.Token]);

        Assert.True(_held.TryAdd(_task));
    }
}
