using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void Claims_heartbeats_completions_and_releases_write_no_event()
    {
        Enqueue("a", "b");
        var tokens = Claim(2).Select(task => task.ClaimToken!.Value).ToList();
        Change(new HeartbeatTask("a", tokens[0], TimeSpan.FromMinutes(1), 10));
        Change(new CompleteTask("a", tokens[0], "[1]"));
        Change(new ReleaseTask("b", tokens[1]));

        Assert.Empty(Events());
        Assert.Equal(0, Count("operation"));
    }

    [Fact]
    public void An_operator_action_is_logged_with_who_why_and_the_states_before_and_after()
    {
        Enqueue("a", "b");
        var operation = Act("cancel", "wrong customer");

        Store.Change([new CancelTask("a"), new CancelTask("missing"), new CancelTask("b")], operation, Cancel);

        var events = Events();
        Assert.Equal(["a", "b"], events.Select(logged => logged.TaskId));
        Assert.All(events, logged =>
        {
            Assert.Equal(
                ("cancel", "cancel", "Test-Command", "wrong customer"), (logged.Kind, logged.OperationKind, logged.Command, logged.Reason));
            Assert.Contains("\"status\":\"pending\"", logged.Before, StringComparison.Ordinal);
            Assert.Contains("\"status\":\"cancelled\"", logged.After, StringComparison.Ordinal);
            Assert.Equal(Found(logged.TaskId).Revision, logged.Revision);
        });
        Assert.Equal(1, Count("operation"));
    }

    [Fact]
    public void Each_kind_of_operator_action_writes_its_event()
    {
        Enqueue("a");
        Change(new SetTask("a") { Priority = 1 });
        ClaimOne();
        Change(new ForceCancelTask("a"));
        Change(new RestartTask("a"));
        var claimed = ClaimOne();
        Time.Advance(TimeSpan.FromHours(1));
        Change(new RecoverTask("a", claimed.ClaimToken!.Value, claimed.LeaseExpiresAt!.Value, 3));
        Change(new CancelTask("a"));
        Change(new RemoveTask("a"));

        Assert.Equal(["set", "force cancel", "restart", "recovery", "cancel", "remove"], Events().Select(logged => logged.Kind));
    }

    [Fact]
    public void An_action_without_effect_leaves_nothing_in_the_log()
    {
        Enqueue("a");
        Change(new CancelTask("a"));

        Change(new CancelTask("a"));
        Change(new CancelTask("missing"));
        Change(new RestartTask("a", "no such revision"));

        Assert.Single(Events());
        Assert.Equal(1, Count("operation"));
    }

    [Fact]
    public void A_failure_and_a_late_result_are_logged()
    {
        Enqueue("a");
        var first = ClaimOne();
        Change(new FailTask("a", first.ClaimToken!.Value, "disk full", TimeSpan.Zero));
        var second = ClaimOne();
        Change(new ForceCancelTask("a"));

        Change(new CompleteTask("a", second.ClaimToken!.Value, "{\"saved\":true}"));

        var events = Events();
        Assert.Equal(["failure", "force cancel", "late result"], events.Select(logged => logged.Kind));
        Assert.Contains("disk full", events[0].After, StringComparison.Ordinal);
        Assert.Equal("success: {\"saved\":true}", events[2].Details);
        Assert.Equal((null, null), (events[2].Before, events[2].After));
    }

    [Fact]
    public void A_removed_task_is_kept_in_the_trash_unless_that_is_waived()
    {
        Store.Enqueue([NewTask("kept") with { DataJson = "[1]" }, NewTask("gone")], Cancel);

        Store.Change([new RemoveTask("kept"), new RemoveTask("gone", KeepForUndo: false)], Act("remove"), Cancel);

        Assert.Equal([("kept", "pending", "[1]")], Trash());
        Assert.Equal(["kept", "gone"], Events().Select(logged => logged.TaskId));
        Assert.Empty(Store.Read(new TaskQuery(), Cancel));
    }

    [Fact]
    public void A_running_task_is_removed_only_with_force()
    {
        Enqueue("a");
        ClaimOne();

        Assert.Equal(TaskOutcomeKind.WrongStatus, Change(new RemoveTask("a")).Kind);
        Assert.Empty(Trash());
        Assert.Equal(TaskOutcomeKind.Applied, Change(new RemoveTask("a", Force: true)).Kind);
        Assert.Equal("running", Assert.Single(Trash()).Status);
    }

    [Fact]
    public void An_operation_in_several_calls_is_one_entry()
    {
        Enqueue("a", "b");
        var operation = Act("cancel");

        Change(new CancelTask("a"), operation);
        Change(new CancelTask("b"), operation);

        Assert.Equal(2, Events().Count);
        Assert.Equal(1, Count("operation"));
    }
}
