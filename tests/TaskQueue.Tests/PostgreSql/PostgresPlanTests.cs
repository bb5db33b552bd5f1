using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// What is read does not depend on what the server knows of the tables, nor on when it plans: here it knows all of them, and plans without
/// the values.
/// </summary>
public sealed class PostgresPlanTests : PostgresPlanTestBase
{
    private readonly ITaskStore _store;

    public PostgresPlanTests()
    {
        _store = Open();
        AddFinished();
        Enqueue(_store, "a", "b", "c");
        _store.Claim(Request(2), Cancel);
        // The connections opened from here on begin with what the role is given.
        Execute("ANALYZE");
        Execute("ALTER ROLE CURRENT_USER SET plan_cache_mode = force_generic_plan");
    }

    [Fact]
    public void A_page_of_a_status_reads_no_more_than_the_tasks_in_it() => AssertReads("task", 100, store =>
    {
        var running = new TaskQuery { Statuses = [QueueTaskStatus.Running] };
        Assert.Equal(2, store.Read(running, Cancel).Count());
        Assert.Equal(2, store.Read(running with { NewestFirst = true }, Cancel).Count());
        Assert.Equal(3, store.Read(running with { Statuses = [QueueTaskStatus.Running, QueueTaskStatus.Pending] }, Cancel).Count());
    });

    [Fact]
    public void A_claim_and_a_change_read_no_more_than_their_tasks() => AssertReads("task", 100, store =>
    {
        Assert.Single(store.Claim(Request(2), Cancel));
        Assert.Equal(TaskOutcomeKind.Applied, Change(store, new ForceCancelTask("a")).Kind);
        Assert.Null(store.NextDue(Cancel));
    });

    [Fact]
    public void A_claim_of_many_types_reads_no_more_than_its_tasks() => AssertReads("task", 300, store =>
    {
        var types = AddReady();
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(10, store.Claim(Request(10) with { Types = types }, Cancel).Count);
        }
    });

    [Fact]
    public void A_change_of_many_reads_no_more_than_them() => AssertReads("task", 100, store =>
    {
        Enqueue(store, "d", "e");
        Assert.All(SetPriorities(store, 9, "c", "d", "e"), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
    });

    [Fact]
    public void The_way_back_reads_no_more_than_its_operations_events() => AssertReads("event", 1_000, store =>
    {
        var operation = Act("cancel");
        store.Change([new CancelTask("c")], operation, Cancel);
        Assert.Single(store.History.PlanUndo(operation.Id, _ => false, requeue: false, Cancel).Restored);
        Assert.Single(store.History.ReadEvents(new EventQuery { OperationId = operation.Id }, Cancel));
        Assert.Single(store.History.ReadEvents(new EventQuery { TaskId = "c" }, Cancel));
    });
}
