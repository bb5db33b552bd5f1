using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    public static TheoryData<string> ChangesFromOutside => ["force cancel", "cleanup", "remove", "recovery"];

    [Theory]
    [MemberData(nameof(ChangesFromOutside))]
    public void A_change_from_outside_that_ends_a_claim_leaves_word_for_the_worker(string kind)
    {
        var worker = Registered();
        Enqueue("a");
        var claimed = ClaimAs(worker);
        Time.Advance(TimeSpan.FromHours(2));

        var outcome = Change(Ending(kind, claimed));

        Assert.Equal((TaskOutcomeKind.Applied, claimed.ClaimToken), (outcome.Kind, outcome.EndedClaim));
        Assert.True(Store.Workers.Signals(worker, Cancel).HasStops);
        var expected = new TaskStop { TaskId = "a", Token = claimed.ClaimToken!.Value, Worker = worker, RequestedAt = Time.Now };
        Assert.Equal([expected], Store.Workers.FindStops([claimed.ClaimToken.Value, Guid.NewGuid()], Cancel));
    }

    [Fact]
    public void A_change_that_the_worker_asks_for_itself_leaves_it_no_word()
    {
        var worker = Registered();
        Enqueue("done", "failed", "released", "renewed");
        var tokens = Store.Claim(Request(4) with { WorkerId = worker }, Cancel).ToDictionary(
            task => task.Id, task => task.ClaimToken!.Value);

        var outcomes = Store.Change(
            [
                new CompleteTask("done", tokens["done"]), new FailTask("failed", tokens["failed"], "disk full", TimeSpan.Zero),
                new ReleaseTask("released", tokens["released"]), new HeartbeatTask("renewed", tokens["renewed"], null),
            ],
            Act(), Cancel);

        Assert.All(outcomes, outcome => Assert.Equal((TaskOutcomeKind.Applied, null), (outcome.Kind, outcome.EndedClaim)));
        Assert.False(Store.Workers.Signals(worker, Cancel).HasStops);
        Assert.Equal(0, Count("stop"));
    }

    [Fact]
    public void Nobody_is_told_where_nothing_was_ended_or_nobody_listens()
    {
        var worker = Registered();
        Enqueue("waiting", "gone", "nameless", "seen");
        var gone = Assert.Single(Store.Claim(Request(2) with { WorkerId = worker }, Cancel), task => task.Id == "gone");
        Change(new ReleaseTask("waiting", Found("waiting").ClaimToken!.Value));
        Change(new SetTask("waiting") { DueAt = Time.Now.AddHours(1) });
        Assert.Equal(["nameless", "seen"], Claim(5).Select(task => task.Id));

        // Released: the token is still on the row, but holds nothing.
        Assert.Null(Change(new ForceCancelTask("waiting")).EndedClaim);
        Assert.Null(
            Change(
                new RecoverTask(
                    "gone", gone.ClaimToken!.Value, gone.LeaseExpiresAt!.Value, 3, WorkerIsGone: true, Evidence: "proof")).EndedClaim);
        Assert.Null(Change(new ForceCancelTask("nameless")).EndedClaim);
        Assert.Null(Change(new ForceCancelTask("seen", "no such revision")).EndedClaim);
        Assert.Equal(0, Count("stop"));
    }

    [Fact]
    public void A_stop_is_handed_over_until_it_is_confirmed_and_marked_as_delivered()
    {
        var (worker, other) = (Registered(), Registered());
        Enqueue("a", "b", "other's");
        var (a, b, others) = (ClaimAs(worker), ClaimAs(worker), ClaimAs(other));
        Change(new ForceCancelTask("b"));
        Time.Advance(TimeSpan.FromSeconds(1));
        Store.Change([new ForceCancelTask("other's"), new ForceCancelTask("a")], Act(), Cancel);
        Assert.Null(Assert.Single(Store.Workers.FindStops([a.ClaimToken!.Value], Cancel)).DeliveredAt);
        Time.Advance(TimeSpan.FromSeconds(1));

        var taken = Store.Workers.TakeStops(worker, Cancel);

        Assert.Equal([("b", b.ClaimToken), ("a", a.ClaimToken)], taken.Select(stop => (stop.TaskId, (Guid?)stop.Token)));
        Assert.All(taken, stop => Assert.Equal((Time.Now, worker), (stop.DeliveredAt!.Value, stop.Worker)));
        Assert.Equal(
            taken.OrderBy(stop => stop.TaskId),
            Store.Workers.FindStops([a.ClaimToken.Value, b.ClaimToken!.Value], Cancel).OrderBy(stop => stop.TaskId));
        Assert.False(Store.Workers.Signals(worker, Cancel).HasStops);

        // By a call whose answer was lost they may have been delivered to nobody.
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(taken, Store.Workers.TakeStops(worker, Cancel));
        Store.Workers.ConfirmStops([new StopReceipt("a", a.ClaimToken.Value, StopOutcome.Ended, TimeSpan.Zero)], Act(), Cancel);
        Assert.Equal("b", Assert.Single(Store.Workers.TakeStops(worker, Cancel)).TaskId);
        Assert.Equal(others.ClaimToken, Assert.Single(Store.Workers.TakeStops(other, Cancel)).Token);
    }

    [Theory]
    [InlineData(StopOutcome.Ended, "ended 0.2s after it was told")]
    [InlineData(StopOutcome.Killed, "killed after 0.2s")]
    [InlineData(StopOutcome.Ignored, "ignored: its handler still runs")]
    [InlineData(StopOutcome.NotRunning, "its handler was not running")]
    [InlineData(StopOutcome.Told, "the session was told")]
    public void A_receipt_stands_on_the_stop_and_in_the_history_of_the_task(StopOutcome outcome, string details)
    {
        var stop = Stopped("a");
        Store.Workers.TakeStops(stop.Worker, Cancel);
        Time.Advance(TimeSpan.FromSeconds(1));

        Confirm(new StopReceipt("a", stop.Token, outcome, TimeSpan.FromMilliseconds(200)));

        var confirmed = Assert.Single(Store.Workers.FindStops([stop.Token], Cancel));
        Assert.Equal((Time.Now, outcome), (confirmed.ConfirmedAt!.Value, confirmed.Outcome!.Value));
        var logged = Events()[^1];
        Assert.Equal(("a", "stop confirmed", "work", details), (logged.TaskId, logged.Kind, logged.OperationKind, logged.Details));
    }

    [Fact]
    public void A_receipt_that_is_sent_again_is_logged_once_and_a_later_one_replaces_it()
    {
        var stop = Stopped("a");
        var ignored = new StopReceipt("a", stop.Token, StopOutcome.Ignored, TimeSpan.FromSeconds(10));

        Confirm(ignored);
        Confirm(ignored);
        Confirm(ignored with { Outcome = StopOutcome.Ended, Elapsed = TimeSpan.FromSeconds(40) });

        Assert.Equal(
            ["ignored: its handler still runs", "ended 40s after it was told"],
            Events().Where(logged => logged.Kind == "stop confirmed").Select(logged => logged.Details));
        Assert.Equal(StopOutcome.Ended, Assert.Single(Store.Workers.FindStops([stop.Token], Cancel)).Outcome);
    }

    [Fact]
    public void A_receipt_for_what_the_queue_no_longer_knows_is_logged_and_nothing_else()
    {
        Confirm(new StopReceipt("gone", Guid.NewGuid(), StopOutcome.Killed, TimeSpan.FromSeconds(30)));

        Assert.Equal(("gone", "killed after 30s"), (Assert.Single(Events()).TaskId, Events()[0].Details));
        Assert.Equal(0, Count("stop"));
    }

    [Fact]
    public void A_worker_that_found_out_by_itself_need_not_be_told_any_more()
    {
        var stop = Stopped("a");

        Confirm(new StopReceipt("a", stop.Token, StopOutcome.NotRunning, TimeSpan.Zero));

        Assert.False(Store.Workers.Signals(stop.Worker, Cancel).HasStops);
        Assert.Empty(Store.Workers.TakeStops(stop.Worker, Cancel));
    }

    [Fact]
    public void Old_receipts_are_pruned_but_not_what_a_known_worker_was_never_told()
    {
        var delivered = Stopped("delivered");
        Store.Workers.TakeStops(delivered.Worker, Cancel);
        var (waiting, lost) = (Stopped("waiting"), Stopped("lost"));
        Time.Advance(TimeSpan.FromHours(1));
        var young = Stopped("young");
        Store.Workers.Put(WorkerOf(waiting.Worker), Cancel);

        Assert.Equal(2, Store.Workers.Prune(Time.Now.AddMinutes(-1), Cancel));

        var left = Store.Workers.FindStops([delivered.Token, waiting.Token, lost.Token, young.Token], Cancel);
        Assert.Equal(["waiting", "young"], left.Select(stop => stop.TaskId).Order());
    }

    [Fact]
    public void An_id_that_was_removed_and_made_again_is_fenced_off_from_the_worker_that_still_runs_the_first()
    {
        var (first, second) = (Registered(), Registered());
        Enqueue("a");
        var old = ClaimAs(first);
        Change(new RemoveTask("a", Force: true, KeepForUndo: false));
        Enqueue("a");
        var fresh = ClaimAs(second);

        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", old.ClaimToken!.Value, "\"old\"")).Kind);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new HeartbeatTask("a", old.ClaimToken.Value, null)).Kind);

        Assert.Equal(fresh, Found("a"), SameTask);
        Assert.Equal("success: \"old\"", Assert.Single(Events(), logged => logged.Kind == "late result").Details);
        Assert.Equal(old.ClaimToken, Assert.Single(Store.Workers.TakeStops(first, Cancel)).Token);
        Assert.Empty(Store.Workers.TakeStops(second, Cancel));
        Assert.Equal(TaskOutcomeKind.Applied, Change(new CompleteTask("a", fresh.ClaimToken!.Value)).Kind);
    }

    [Theory]
    [InlineData(RunningTasks.Requeue)]
    [InlineData(RunningTasks.Fail)]
    [InlineData(RunningTasks.Keep)]
    public void A_queue_restored_while_a_worker_ran_is_fenced_off_from_it_and_tells_it(RunningTasks running)
    {
        var worker = Registered();
        Enqueue("in backup", "made later");
        var claimed = ClaimAs(worker);
        var backup = new TaskListing([Found(claimed.Id)]);
        var later = ClaimAs(worker);

        Store.ReplaceAll(backup, new ImportOptions { Running = running }, Act("restore"), Cancel);

        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask(claimed.Id, claimed.ClaimToken!.Value, "[1]")).Kind);
        Assert.Equal(TaskOutcomeKind.NotFound, Change(new CompleteTask(later.Id, later.ClaimToken!.Value, "[2]")).Kind);
        Assert.Equal(
            ["success: [1]", "success: [2]"], Events().Where(logged => logged.Kind == "late result").Select(logged => logged.Details));
        Assert.NotEqual(QueueTaskStatus.Success, Found(claimed.Id).Status);
        Assert.Null(Found(claimed.Id).WorkerId);
        Assert.Equal(
            new[] { claimed.ClaimToken, later.ClaimToken }.Order(),
            Store.Workers.TakeStops(worker, Cancel).Select(stop => (Guid?)stop.Token).Order());
    }

    [Fact]
    public void A_task_is_taken_back_before_its_lease_ends_only_from_a_worker_that_is_proven_gone()
    {
        var worker = Registered();
        Enqueue("a");
        var claimed = ClaimAs(worker);
        var recover = new RecoverTask("a", claimed.ClaimToken!.Value, claimed.LeaseExpiresAt!.Value, 3, Evidence: "web01:4711 is gone");

        Assert.Equal(TaskOutcomeKind.Superseded, Change(recover).Kind);
        Assert.Equal(TaskOutcomeKind.Applied, Change(recover with { WorkerIsGone = true }).Kind);

        Assert.Equal((QueueTaskStatus.Retry, 1), (Found("a").Status, Found("a").Recoveries));
        Assert.Equal(("recovery", "web01:4711 is gone"), (Assert.Single(Events()).Kind, Events()[0].Details));
        Assert.False(Store.Workers.Signals(worker, Cancel).HasStops);
    }

    private TaskStop Stopped(string id)
    {
        var worker = Registered();
        Enqueue(id);
        var claimed = ClaimAs(worker);
        Assert.Equal(id, claimed.Id);
        Change(new ForceCancelTask(id));
        return Assert.Single(Store.Workers.FindStops([claimed.ClaimToken!.Value], Cancel));
    }

    private void Confirm(params StopReceipt[] receipts) => Store.Workers.ConfirmStops(receipts, Act("work"), Cancel);

    private TaskChange Ending(string kind, QueueTask claimed) => kind switch
    {
        "force cancel" => new ForceCancelTask(claimed.Id),
        "cleanup" => new CleanUpStuckTask(StuckJudge.Judge(claimed, Liveness.Unknown, Time.Now, StuckPolicy.DefaultMaxAge), Requeue: true),
        "remove" => new RemoveTask(claimed.Id, Force: true),
        _ => new RecoverTask(claimed.Id, claimed.ClaimToken!.Value, claimed.LeaseExpiresAt!.Value, 3),
    };
}
