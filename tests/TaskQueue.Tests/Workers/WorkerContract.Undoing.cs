using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    [Fact]
    public void A_stop_that_is_undone_before_it_was_delivered_leaves_its_worker_to_complete_the_task_as_if_nothing_had_happened()
    {
        using var finish = new ManualResetEventSlim();
        var wasTold = false;
        Enqueue("a");
        using var withheld = new WithheldStops(Store);
        var worker = Own(new WorkerRun(withheld, Options, ("work", execution =>
        {
            finish.Wait(Cancel);
            wasTold = execution.Cancellation.IsCancellationRequested;
            return HandlerOutcome.Success("[1]");
        })));
        BecomesEventually("a", QueueTaskStatus.Running);
        var claimed = Found("a");
        var operation = Act("force cancel");
        Store.Change([new ForceCancelTask("a")], operation, Cancel);
        Eventually(() => withheld.RefusedHeartbeats > 0, "a heartbeat meets the ended claim");

        var report = Store.History.Undo(
            operation.Id, Act("undo"), id => new WorkerDirectory(Store).Lives(id, Cancel), requeue: false, Cancel);
        withheld.Deliver();
        var refused = withheld.RefusedHeartbeats;
        var heartbeat = Found("a").HeartbeatAt;
        Eventually(() => Found("a").HeartbeatAt > heartbeat, "the lease is renewed again");
        finish.Set();

        Assert.Equal("a", worker.NextFinished().Id);
        Assert.Equal("running", Assert.Single(report.Restored).Status);
        Assert.Equal(
            (QueueTaskStatus.Success, "[1]", claimed.ClaimToken, claimed.Attempt, claimed.StartedAt),
            (Found("a").Status, Found("a").ResultJson, Found("a").ClaimToken, Found("a").Attempt, Found("a").StartedAt));
        Assert.False(wasTold);
        Assert.Equal(refused, withheld.RefusedHeartbeats);
        Assert.Equal(
            ["force cancel", "undo"], Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel).Select(logged => logged.Event));
        Assert.Empty(worker.Warnings);
    }

    [Fact]
    public void A_stop_that_is_undone_after_it_was_delivered_puts_the_task_back_to_pending_and_says_so()
    {
        var runs = 0;
        Enqueue("a");
        Start(
            Options,
            ("work", execution => Interlocked.Increment(ref runs) == 1 ? UntilCancelled(execution) : HandlerOutcome.Success("[2]")));
        BecomesEventually("a", QueueTaskStatus.Running);
        var operation = Act("force cancel");
        _ = Confirmed(Store.Change([new ForceCancelTask("a")], operation, Cancel)[0]);

        var report = Store.History.Undo(
            operation.Id, Act("undo"), id => new WorkerDirectory(Store).Lives(id, Cancel), requeue: false, Cancel);

        var task = Assert.Single(report.Restored);
        Assert.Equal(("pending", "not running as before: its worker had learned of the stop"), (task.Status, task.Note));
        BecomesEventually("a", QueueTaskStatus.Success);
        Assert.Equal(("[2]", 2), (Found("a").ResultJson, Found("a").Attempt));
    }

    [Fact]
    public void A_task_that_completed_before_its_stop_was_delivered_comes_back_as_pending()
    {
        using var finish = new ManualResetEventSlim();
        Enqueue("a");
        using var started = new ManualResetEventSlim();
        using var withheld = new WithheldStops(Store);
        Own(new WorkerRun(withheld, Options, ("work", _ =>
        {
            started.Set();
            finish.Wait(Cancel);
            return HandlerOutcome.Success("[1]");
        })));
        Assert.True(started.Wait(HangGuard.Longest, Cancel), "The handler never began.");
        var operation = Act("force cancel");
        Store.Change([new ForceCancelTask("a")], operation, Cancel);
        finish.Set();
        Eventually(
            () => Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel).Any(logged => logged.Event == "late result"),
            "the late result is kept");

        var report = Store.History.Undo(operation.Id, Act("undo"), _ => true, requeue: false, Cancel);

        Assert.Equal("pending", Assert.Single(report.Restored).Status);
    }

    [Fact]
    public void A_worker_that_goes_on_without_progress_is_stalled_by_the_time_out_it_registered()
    {
        using var finish = new ManualResetEventSlim();
        Enqueue("a");
        var timeouts = new Dictionary<string, TimeSpan> { ["work"] = TimeSpan.FromMilliseconds(1) };
        Start(Options with { ProgressTimeouts = timeouts }, ("work", execution =>
        {
            execution.Report(40, "rendering");
            finish.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        Eventually(() => Found("a").Progress == 40, "the progress is written");

        var judged = Assert.Single(
            new StuckTaskCleanup(Store).Plan(new StuckPolicy { MaxAge = TimeSpan.FromMilliseconds(1) }, Cancel).Found);

        Assert.Equal((StuckVerdict.Stalled, true), (judged.Verdict, judged.MadeNoProgress));
        Assert.StartsWith("no progress for ", judged.Evidence, StringComparison.Ordinal);
        Assert.Contains("40 % \"rendering\"", judged.Evidence, StringComparison.Ordinal);
        finish.Set();
    }
}
