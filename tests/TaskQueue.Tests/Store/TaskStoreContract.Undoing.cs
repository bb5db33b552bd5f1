using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    public static TheoryData<string> UndoableKinds => ["cancel", "force cancel", "restart", "remove", "set"];

    [Theory]
    [MemberData(nameof(UndoableKinds))]
    public void An_undo_brings_a_task_back_as_it_was(string kind)
    {
        Store.Enqueue([NewTask("a") with { DataJson = "[1]", Delay = TimeSpan.FromHours(1) }], Cancel);
        if (kind == "restart")
        {
            Time.Advance(TimeSpan.FromHours(1));
            Change(new CompleteTask("a", ClaimOne().ClaimToken!.Value, "{\"saved\":true}"));
        }

        var before = Found("a");
        var operation = Act(kind);
        Time.Advance(TimeSpan.FromMinutes(1));
        Change(
            kind switch
            {
                "cancel" => new CancelTask("a"),
                "force cancel" => new ForceCancelTask("a"),
                "restart" => new RestartTask("a"),
                "remove" => new RemoveTask("a"),
                _ => new SetTask("a") { Priority = 1, DataJson = "[2]", DueAt = Time.Now },
            },
            operation);

        var report = Undo(operation);

        Assert.Equal(("a", before.StatusText, null), Assert.Single(report.Restored, Is).Described());
        Assert.Equal(before with { Revision = "", Age = null }, Found("a") with { Revision = "", Age = null });
        Assert.NotEqual(before.Revision, Found("a").Revision);
        var undone = Store.History.ReadOperations(new OperationQuery { Id = operation.Id }, Cancel).Single();
        Assert.Equal(report.OperationId, undone.UndoneBy);
        Assert.Equal(operation.Id, Store.History.ReadOperations(new OperationQuery { Kind = "undo" }, Cancel).Single().Undoes);

        static bool Is(UndoneTask task) => task.Id == "a";
    }

    [Fact]
    public void A_removed_task_comes_back_to_its_place_in_the_order()
    {
        Enqueue("a", "b", "c");
        var operation = Act("remove");
        Change(new RemoveTask("b"), operation);
        Enqueue("d");

        Undo(operation);

        Assert.Equal(["a", "b", "c", "d"], ReadIds(new TaskQuery()));
        Assert.Empty(Trash());
    }

    [Fact]
    public void What_changed_since_is_left_alone_and_listed()
    {
        Enqueue("kept", "restarted", "removed", "taken", "gone");
        var operation = Act("stop");
        Store.Change(
            [
                new CancelTask("kept"), new CancelTask("restarted"), new CancelTask("removed"), new RemoveTask("taken"),
                new RemoveTask("gone", KeepForUndo: false),
            ],
            operation,
            Cancel);
        Change(new RestartTask("restarted"));
        Change(new RemoveTask("removed"));
        Enqueue("taken");
        var plan = Store.History.PlanUndo(operation.Id, _ => true, requeue: false, Cancel);
        Assert.Equal("cancelled", Found("kept").StatusText);

        var report = Undo(operation);

        Assert.Equal(["kept"], report.Restored.Select(task => task.Id));
        Assert.Equal(
            [
                ("gone", "not in the trash any more, or never put there"), ("taken", "replaced by another task of the same id"),
                ("removed", "removed since"), ("restarted", "changed since: now pending"),
            ],
            report.Skipped.Select(task => (task.Id, task.SkipReason)));
        Assert.Equal((true, null), (plan.IsPlanOnly, plan.OperationId));
        Assert.Equal(report.Restored, plan.Restored);
        Assert.Equal(report.Skipped, plan.Skipped);
    }

    [Fact]
    public void A_second_undo_finds_nothing_to_do_and_says_so()
    {
        Enqueue("a", "b");
        var operation = Act("stop");
        Store.Change([new CancelTask("a"), new RemoveTask("b")], operation, Cancel);
        var first = Undo(operation);
        var tasks = Store.Read(new TaskQuery(), Cancel).ToList();

        var second = Undo(operation);

        Assert.Empty(second.Restored);
        Assert.All(second.Skipped, task => Assert.Equal("already brought back", task.SkipReason));
        Assert.Equal([$"There was nothing left to undo: {first.OperationId} undid it before."], second.Remarks);
        Assert.Equal(tasks.Select(task => task.Revision), Store.Read(new TaskQuery(), Cancel).Select(task => task.Revision));
        Assert.Single(Operations(new OperationQuery { Kind = "undo" }));
    }

    [Fact]
    public void An_undo_can_be_undone_but_for_what_it_took_from_the_trash()
    {
        Enqueue("a", "b");
        var operation = Act("stop");
        Store.Change([new CancelTask("a"), new RemoveTask("b")], operation, Cancel);
        var cancelled = Found("a");
        var undo = Undo(operation);

        var report = Store.History.Undo(undo.OperationId!.Value, Act("undo"), _ => true, requeue: false, Cancel);

        Assert.Equal(["a"], report.Restored.Select(task => task.Id));
        Assert.Equal(cancelled with { Revision = "" }, Found("a") with { Revision = "" });
        Assert.Equal(
            ("b", "brought back from the trash by that undo; it stays until it is removed again"),
            (report.Skipped[0].Id, report.Skipped[0].SkipReason));
    }

    [Fact]
    public void What_is_no_decision_of_an_operator_cannot_be_undone()
    {
        Enqueue("a");
        var work = Act("work");
        Change(new FailTask("a", ClaimOne().ClaimToken!.Value, "disk full", TimeSpan.Zero), work);

        Assert.Throws<TaskStateException>(() => Undo(work));
        Assert.Throws<OperationNotFoundException>(() => Undo(Act("never logged")));
    }

    [Theory]
    [InlineData("force cancel")]
    [InlineData("cleanup")]
    [InlineData("remove")]
    public void A_stop_its_worker_has_not_learned_of_is_withdrawn_and_the_claim_holds_again(string kind)
    {
        var worker = Registered();
        Enqueue("a");
        var claimed = ClaimAs(worker);
        Time.Advance(TimeSpan.FromHours(2));
        var operation = Act(kind);
        Change(Ending(kind, claimed), operation);
        Time.Advance(TimeSpan.FromSeconds(5));

        var report = Undo(operation);

        Assert.Equal(
            ("a", "running", "its stop was withdrawn before its worker learned of it"), Assert.Single(report.Restored).Described());
        Assert.Equal(
            claimed with { Revision = "", Age = null, HeartbeatAt = Time.Now, LeaseExpiresAt = Time.Now.AddMinutes(1) },
            Found("a") with { Revision = "", Age = null });
        Assert.Equal(0, Count("stop"));
        Assert.False(Store.Workers.IsLost(claimed.ClaimToken!.Value, Cancel));
        Assert.Equal(
            TaskOutcomeKind.Superseded, Change(new RecoverTask("a", claimed.ClaimToken.Value, claimed.LeaseExpiresAt!.Value, 3)).Kind);
        Assert.Equal(TaskOutcomeKind.Applied, Change(new HeartbeatTask("a", claimed.ClaimToken.Value, null)).Kind);
        Assert.Equal(TaskOutcomeKind.Applied, Change(new CompleteTask("a", claimed.ClaimToken.Value, "[1]")).Kind);
        Assert.DoesNotContain(Events(), logged => logged.Kind == "late result");
    }

    [Theory]
    [InlineData("delivered", "not running as before: its worker had learned of the stop")]
    [InlineData("completed", "not running as before: its worker had learned of the stop")]
    [InlineData("released", "not running as before: its worker had learned of the stop")]
    [InlineData("dead", "not running as before: its worker does not live any more")]
    public void Once_its_worker_knows_or_is_gone_a_stopped_task_comes_back_as_pending(string state, string note)
    {
        var worker = Registered();
        Enqueue("a");
        var claimed = ClaimAs(worker);
        var operation = Act("force cancel");
        Change(new ForceCancelTask("a"), operation);
        switch (state)
        {
            case "delivered":
                Store.Workers.TakeStops(worker, Cancel);
                break;
            case "completed":
                Change(new CompleteTask("a", claimed.ClaimToken!.Value, "[1]"));
                break;
            case "released":
                Change(new ReleaseTask("a", claimed.ClaimToken!.Value));
                break;
            default:
                break;
        }

        var report = Store.History.Undo(operation.Id, Act("undo"), id => state != "dead" && id == worker, requeue: false, Cancel);

        Assert.Equal(("a", "pending", note), Assert.Single(report.Restored).Described());
        Assert.Equal((QueueTaskStatus.Pending, null, null), (Found("a").Status, Found("a").ClaimToken, Found("a").ErrorMessage));
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", claimed.ClaimToken!.Value, "[1]")).Kind);
        Assert.Single(Store.Workers.FindStops([claimed.ClaimToken.Value], Cancel));
        Assert.Contains(Events(), logged => logged.Kind == "undo" && logged.Details == note);
    }

    [Theory]
    [InlineData("force cancel")]
    [InlineData("cleanup")]
    [InlineData("cleanup, requeued")]
    [InlineData("remove")]
    public void A_running_task_that_no_known_worker_held_comes_back_running_as_it_was(string kind)
    {
        var since = Time.Now.AddHours(-5);
        Store.Import(
            [Foreign("a", QueueTaskStatus.Running) with
            {
                Worker = "old:1", DataJson = "[1]", StartedAt = since, StateSince = since, HeartbeatAt = since, Progress = 12.5,
            }],
            new ImportOptions { Running = RunningTasks.Keep },
            Act("import"),
            Cancel);
        var before = Found("a");
        var operation = Act(kind);
        Change(
            kind is "remove" or "force cancel" ? Ending(kind, before) : new CleanUpStuckTask(Judged(before), Requeue: kind != "cleanup"),
            operation);
        Time.Advance(TimeSpan.FromMinutes(1));
        var plan = Store.History.PlanUndo(operation.Id, _ => true, requeue: false, Cancel);

        var report = Undo(operation);

        Assert.Equal(("a", "running", "as before: no worker was known to hold it"), Assert.Single(report.Restored).Described());
        Assert.Equal(report.Restored, plan.Restored);
        Assert.Equal(before with { Revision = "", Age = null }, Found("a") with { Revision = "", Age = null });
        Assert.Empty(Claim());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void On_request_what_was_running_comes_back_as_pending_in_any_case(bool hasWorker)
    {
        var worker = Registered();
        if (hasWorker)
        {
            Enqueue("a");
            ClaimAs(worker);
        }
        else
        {
            Store.Import([Foreign("a", QueueTaskStatus.Running)], new ImportOptions { Running = RunningTasks.Keep }, Act("import"), Cancel);
        }

        var operation = Act("force cancel");
        Change(new ForceCancelTask("a"), operation);
        var plan = Store.History.PlanUndo(operation.Id, _ => true, requeue: true, Cancel);

        var report = Store.History.Undo(operation.Id, Act("undo"), _ => true, requeue: true, Cancel);

        Assert.Equal(("a", "pending", "requeued as asked"), Assert.Single(report.Restored).Described());
        Assert.Equal(report.Restored, plan.Restored);
        Assert.Equal((QueueTaskStatus.Pending, null, null), (Found("a").Status, Found("a").ClaimToken, Found("a").ErrorMessage));
        // Its worker is still told to stop.
        Assert.Equal(hasWorker ? 1 : 0, Store.Workers.TakeStops(worker, Cancel).Count);
        Assert.Equal("a", ClaimOne().Id);
    }

    [Fact]
    public void A_heartbeat_that_was_refused_does_not_keep_a_claim_from_holding_again()
    {
        var worker = Registered();
        Enqueue("a");
        var token = ClaimAs(worker).ClaimToken!.Value;
        var operation = Act("force cancel");
        Change(new ForceCancelTask("a"), operation);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new HeartbeatTask("a", token, null)).Kind);
        Assert.False(Store.Workers.IsLost(token, Cancel));

        Undo(operation);

        Assert.Equal(TaskOutcomeKind.Applied, Change(new HeartbeatTask("a", token, null)).Kind);
    }

    [Fact]
    public void An_undo_that_made_a_claim_hold_again_can_be_undone_and_tells_the_worker()
    {
        var worker = Registered();
        Enqueue("a");
        var token = ClaimAs(worker).ClaimToken!.Value;
        var operation = Act("force cancel");
        Change(new ForceCancelTask("a"), operation);
        var undo = Undo(operation);

        Store.History.Undo(undo.OperationId!.Value, Act("undo"), _ => true, requeue: false, Cancel);

        Assert.Equal((QueueTaskStatus.Failed, ForceCancelTask.Message), (Found("a").Status, Found("a").ErrorMessage));
        Assert.Equal(token, Assert.Single(Store.Workers.TakeStops(worker, Cancel)).Token);
    }

    [Fact]
    public void A_task_that_was_recovered_and_claimed_again_is_left_alone()
    {
        var (first, second) = (Registered(), Registered());
        Enqueue("a");
        var claimed = ClaimAs(first);
        Time.Advance(TimeSpan.FromHours(2));
        var operation = Act("cleanup");
        Change(Ending("cleanup", claimed), operation);
        var again = ClaimAs(second);

        var report = Undo(operation);

        Assert.Equal("changed since: now running", Assert.Single(report.Skipped).SkipReason);
        Assert.Equal(again.ClaimToken, Found("a").ClaimToken);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_one_operation_did_to_a_task_is_undone_as_a_whole(bool inOneBatch)
    {
        Store.Enqueue([NewTask("a") with { DataJson = "[1]" }, NewTask("b")], Cancel);
        var before = Store.Read(new TaskQuery(), Cancel).Select(Comparable).ToList();
        var operation = Act("set");
        TaskChange[] changes =
        [
            new SetTask("a") { Priority = 3 }, new SetTask("b") { Priority = 3 }, new SetTask("a") { DataJson = "[2]", Priority = 7 },
            new SetTask("b") { Priority = 3 }, new CancelTask("a"),
        ];
        if (inOneBatch)
        {
            Store.Change(changes, operation, Cancel);
        }
        else
        {
            Assert.All(changes, change => Change(change, operation));
        }

        var plan = Store.History.PlanUndo(operation.Id, _ => true, requeue: false, Cancel);

        var report = Undo(operation);

        Assert.Equal([("a", "pending", null), ("b", "pending", null)], report.Restored.Select(task => task.Described()));
        Assert.Empty(report.Skipped);
        Assert.Equal(report.Restored, plan.Restored);
        Assert.Equal(before, Store.Read(new TaskQuery(), Cancel).Select(Comparable));
        Assert.Equal(["a", "b"], Events().Where(logged => logged.Kind == "undo").Select(logged => logged.TaskId));
        var second = Undo(operation);
        Assert.Empty(second.Restored);
        Assert.Equal(
            [("a", "already brought back"), ("b", "already brought back")], second.Skipped.Select(task => (task.Id, task.SkipReason)));

        Undo(report.OperationId!.Value);
        Assert.Equal([("a", "cancelled", 7, "[2]"), ("b", "pending", 3, null)], Store.Read(new TaskQuery(), Cancel).Select(Shown));

        static (string, string, int, string?) Shown(QueueTask task) => (task.Id, task.StatusText, task.Priority, task.DataJson);
    }

    [Fact]
    public void What_one_operation_changed_and_removed_comes_back_as_it_was_before_both()
    {
        var worker = Registered();
        Store.Enqueue([NewTask("a") with { DataJson = "[1]" }], Cancel);
        var claimed = ClaimAs(worker);
        Store.Enqueue([NewTask("b") with { DataJson = "[1]" }], Cancel);
        var waiting = Found("b");
        var operation = Act("tidy");
        Store.Change(
            [
                new ExpediteTask(claimed.Id), new SetTask(claimed.Id) { DataJson = "[2]" }, new RemoveTask(claimed.Id),
                new SetTask("b") { DataJson = "[2]" }, new RemoveTask("b"),
            ],
            operation,
            Cancel);
        var plan = Store.History.PlanUndo(operation.Id, _ => true, requeue: false, Cancel);

        var report = Undo(operation);

        Assert.Equal(
            [("b", "pending", null), (claimed.Id, "running", "its stop was withdrawn before its worker learned of it")],
            report.Restored.Select(task => task.Described()));
        Assert.Empty(report.Skipped);
        Assert.Equal(report.Restored, plan.Restored);
        Assert.Equal(Comparable(waiting), Comparable(Found("b")));
        Assert.Equal(Comparable(claimed), Comparable(Found(claimed.Id)));
        Assert.Equal(TaskOutcomeKind.Applied, Change(new CompleteTask(claimed.Id, claimed.ClaimToken!.Value)).Kind);
    }

    [Fact]
    public void A_task_that_something_else_changed_between_two_changes_of_an_operation_is_left_alone()
    {
        Enqueue("a");
        var operation = Act("set");
        Change(new SetTask("a") { Priority = 3 }, operation);
        Change(new SetTask("a") { MaxRetries = 9 });
        Change(new SetTask("a") { Priority = 7 }, operation);

        var report = Undo(operation);

        Assert.Empty(report.Restored);
        Assert.Equal("changed by something else before the operation was done with it", Assert.Single(report.Skipped).SkipReason);
        Assert.Equal((7, 9), (Found("a").Priority, Found("a").MaxRetries));
    }

    [Fact]
    public void Changes_of_an_operation_that_lie_many_events_apart_are_undone_together()
    {
        string[] ids = [.. Enumerable.Range(0, 250).Select(number => $"task-{number}")];
        Enqueue(ids);
        var before = Store.Read(new TaskQuery(), Cancel).Select(Comparable).ToList();
        var operation = Act("set");
        Store.Change([.. ids.Select(id => new SetTask(id) { Priority = 3 })], operation, Cancel);
        Store.Change([.. ids.Select(id => new SetTask(id) { Priority = 7 })], operation, Cancel);

        var report = Undo(operation);

        Assert.Equal(ids.Reverse(), report.Restored.Select(task => task.Id));
        Assert.Empty(report.Skipped);
        Assert.Equal(before, Store.Read(new TaskQuery(), Cancel).Select(Comparable));
    }

    [Fact]
    public void An_event_without_a_difference_keeps_nothing_from_coming_back()
    {
        Enqueue("a", "b");
        var before = Found("a");
        var operation = Act("set");
        Store.Change([new SetTask("a") { Priority = 3 }, new TouchTask("a"), new TouchTask("b")], operation, Cancel);

        var report = Undo(operation);

        Assert.Equal("a", Assert.Single(report.Restored).Id);
        Assert.Equal(("b", "not changed by the operation"), (Assert.Single(report.Skipped).Id, report.Skipped[0].SkipReason));
        Assert.Equal(Comparable(before), Comparable(Found("a")));
    }

    private static QueueTask Comparable(QueueTask task) => task with { Revision = "", Age = null };

    private UndoResult Undo(Guid operationId) => Store.History.Undo(operationId, Act("undo"), _ => true, requeue: false, Cancel);

    private StuckTask Judged(QueueTask task) => StuckJudge.Judge(task, Liveness.Unknown, Time.Now, StuckPolicy.DefaultMaxAge);

    private UndoResult Undo(NewOperation operation) => Store.History.Undo(operation.Id, Act("undo"), _ => true, requeue: false, Cancel);
}
