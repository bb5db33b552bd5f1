using CsCheck;
using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void A_change_that_no_store_knows_is_carried_out_logged_and_undone()
    {
        Store.Enqueue([NewTask("a") with { DataJson = "[1]", Delay = TimeSpan.FromHours(1) }], Cancel);
        var before = Found("a");
        var change = new ExpediteTask("a", before.Revision);
        var operation = Act(change.Kind);
        Assert.Empty(Claim());

        Assert.Equal(TaskOutcomeKind.Applied, Change(change, operation).Kind);

        var expected = before with { Priority = 1, Gate = TaskGate.Open, DueAt = Time.Now, Revision = "" };
        Assert.Equal(expected, Found("a") with { Revision = "" });
        var logged = Assert.Single(Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel));
        Assert.Equal(("expedite", "the customer is on the phone", true), (logged.Event, logged.Details, logged.IsUndoable));
        Assert.Equal(TaskOutcomeKind.Superseded, Change(change).Kind);
        Assert.Equal(("a", "pending", null), Assert.Single(Undo(operation).Restored).Described());
        Assert.Equal(before with { Revision = "" }, Found("a") with { Revision = "" });
        Assert.Empty(Claim());
    }

    [Fact]
    public void A_change_that_no_store_knows_takes_a_running_task_from_its_worker_and_gives_it_back()
    {
        var worker = Registered();
        Enqueue("a");
        var claimed = ClaimAs(worker);
        var operation = Act("expedite");

        var outcome = Change(new ExpediteTask("a"), operation);

        Assert.Equal((TaskOutcomeKind.Applied, claimed.ClaimToken), (outcome.Kind, outcome.EndedClaim));
        Assert.True(Store.Workers.Signals(worker, Cancel).HasStops);
        var restored = Assert.Single(Undo(operation).Restored);
        Assert.Equal(("a", "running", "its stop was withdrawn before its worker learned of it"), restored.Described());
        Assert.Equal(claimed with { Revision = "", Age = null }, Found("a") with { Revision = "", Age = null });
        Assert.Equal(TaskOutcomeKind.Applied, Change(new CompleteTask("a", claimed.ClaimToken!.Value)).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_change_that_left_a_running_task_to_its_worker_is_undone_and_the_worker_goes_on(bool requeue)
    {
        var worker = Registered();
        Enqueue("a");
        var claimed = ClaimAs(worker);
        var token = claimed.ClaimToken!.Value;
        var operation = Act("expedite");
        Assert.Null(Change(new ExpediteTask("a") { LetsRun = true }, operation).EndedClaim);
        Time.Advance(TimeSpan.FromSeconds(20));
        Change(new HeartbeatTask("a", token, TimeSpan.FromMinutes(1), 50, "at it"));
        var running = Found("a");
        var plan = Store.History.PlanUndo(operation.Id, _ => true, requeue, Cancel);

        var report = Store.History.Undo(operation.Id, Act("undo"), _ => true, requeue, Cancel);

        Assert.Equal(("a", "running", null), Assert.Single(report.Restored).Described());
        Assert.Equal(report.Restored, plan.Restored);
        Assert.Equal(
            running with { Priority = claimed.Priority, Revision = "", Age = null }, Found("a") with { Revision = "", Age = null });
        Assert.NotEqual(running.Revision, Found("a").Revision);
        Assert.False(Store.Workers.Signals(worker, Cancel).HasStops);
        Assert.Empty(Claim());
        Assert.Equal(TaskOutcomeKind.Applied, Change(new CompleteTask("a", token)).Kind);
    }

    [Fact]
    public void Of_a_change_that_no_store_knows_a_late_result_is_kept_and_the_worker_counts_as_told()
    {
        var worker = Registered();
        Enqueue("a");
        var token = ClaimAs(worker).ClaimToken!.Value;
        var operation = Act("expedite");
        Change(new ExpediteTask("a"), operation);

        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", token, "[1]")).Kind);

        var events = Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel);
        Assert.Equal([("expedite", true), ("late result", false)], events.Select(logged => (logged.Event, logged.IsUndoable)));
        var restored = Assert.Single(Undo(operation).Restored);
        Assert.Equal(("a", "pending", "not running as before: its worker had learned of the stop"), restored.Described());
    }

    /// <summary>
    /// Stores open the gates of all that is due with one statement before a claim. Task by task it does what the change says.
    /// </summary>
    [Fact]
    public void A_claim_makes_due_just_what_the_change_MakeTaskDue_makes_due()
    {
        var round = 0;
        var seen = new HashSet<(TaskGate?, TaskGate?)>();
        Gen.Select(
            Gen.Int[1, 4], Gen.Int[0, 4], Gen.Int[0, 3], (delay, type, fate) => (Delay: delay, Type: type, Fate: fate)).Array[1, 30].Sample(
            cases =>
            {
                round++;
                Store.Enqueue(
                    [.. cases.Select(
                        (one, index) => NewTask(Id(index), $"type-{one.Type}") with { Delay = TimeSpan.FromSeconds(one.Delay) })], Cancel);
                Store.Change(
                    [.. cases.Index().Where(one => one.Item.Fate == 0).Select(one => new CancelTask(Id(one.Index)))], Act("cancel"),
                    Cancel);
                Time.Advance(TimeSpan.FromSeconds(2));
                var before = Store.Read(new TaskQuery(), Cancel).Select(task => task with { Age = null }).ToList();
                var expected = before.Select(task => new MakeTaskDue(task.Id).Apply(task, Time.Now).After ?? task).ToList();
                seen.UnionWith(before.Zip(expected, (old, made) => (old.Gate, made.Gate)));

                Assert.Empty(Store.Claim(Request(1, "a type of no task"), Cancel));

                Assert.Equal(expected, Store.Read(new TaskQuery(), Cancel).Select(task => task with { Age = null }));
            },
            iter: 20,
            threads: 1);

        // It did come across each case.
        HashSet<(TaskGate?, TaskGate?)> all =
            [(TaskGate.NotDue, TaskGate.NotDue), (TaskGate.NotDue, TaskGate.Open), (TaskGate.Open, TaskGate.Open), (null, null)];
        Assert.Superset(all, seen);

        string Id(int index) => $"{round}-{index}";
    }

    [Fact]
    public void A_task_that_has_come_due_but_was_not_made_due_can_still_be_changed_as_it_was_read()
    {
        Store.Enqueue([NewTask("a") with { Delay = TimeSpan.FromSeconds(1) }], Cancel);
        var read = Found("a");
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(Claim(1, "other"));
        Assert.Equal((TaskGate.NotDue, TaskGate.Open), (read.Gate, Found("a").Gate));

        Assert.Equal(TaskOutcomeKind.Applied, Change(new CancelTask("a", read.Revision)).Kind);
    }

    [Fact]
    public void What_was_removed_before_its_time_comes_back_waiting_for_it()
    {
        Store.Enqueue([NewTask("a") with { Delay = TimeSpan.FromHours(1) }], Cancel);
        var operation = Act("remove");
        Change(new RemoveTask("a"), operation);
        Undo(operation);

        Assert.Equal(TaskGate.NotDue, Found("a").Gate);
        Assert.Empty(Claim());
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("a", ClaimOne().Id);
    }

    [Theory]
    [InlineData("cancel")]
    [InlineData("remove")]
    public void What_has_come_due_while_it_was_away_comes_back_open(string kind)
    {
        Store.Enqueue([NewTask("a") with { Delay = TimeSpan.FromHours(1), DataJson = "[1]" }], Cancel);
        var before = Found("a");
        var operation = Act(kind);
        Change(kind == "cancel" ? new CancelTask("a") : new RemoveTask("a"), operation);
        Time.Advance(TimeSpan.FromHours(1));

        var report = Undo(operation);

        Assert.Equal(("a", "pending", null), Assert.Single(report.Restored).Described());
        Assert.Equal(before with { Gate = TaskGate.Open, Revision = "", Age = null }, Found("a") with { Revision = "", Age = null });
        Assert.Equal("a", ClaimOne().Id);
    }

    [Fact]
    public void A_gate_that_this_version_does_not_know_is_read_with_a_remark()
    {
        Enqueue("a", "b");
        Execute("UPDATE task SET ready = 7 WHERE id = 'a'");

        var tasks = Store.Read(new TaskQuery(), Cancel).ToList();

        Assert.Equal([null, TaskGate.Open], tasks.Select(task => task.Gate));
        Assert.Equal(["ready unreadable: taken as none", null], tasks.Select(task => task.Remark));
        Assert.Equal("b", Assert.Single(Claim(5)).Id);
    }

    private void Execute(string sql)
    {
        using var connection = Connect("queue");
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
