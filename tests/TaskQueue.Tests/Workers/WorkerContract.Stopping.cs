using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    [Fact]
    public void A_forced_stop_reaches_the_running_handler_and_is_confirmed()
    {
        Enqueue("a");
        var worker = Start(Options, ("work", UntilCancelled));
        AwaitBegin();

        var stop = Confirmed(Change(new ForceCancelTask("a")));

        Assert.Equal((StopOutcome.Ended, worker.Identity.Id, "a"), (stop.Outcome, stop.Worker, stop.TaskId));
        Assert.True(stop.RequestedAt <= stop.DeliveredAt && stop.DeliveredAt <= stop.ConfirmedAt);
        Assert.Equal((QueueTaskStatus.Failed, ForceCancelTask.Message), (Found("a").Status, Found("a").ErrorMessage));
        Assert.Empty(worker.Warnings);
    }

    [Fact]
    public void The_slot_of_a_stopped_task_is_free_again()
    {
        Enqueue("a");
        var worker = Start(Options with { Concurrency = 1 }, ("work", UntilCancelled), ("next", WorkerRun.Succeed));
        AwaitBegin();
        Change(new ForceCancelTask("a"));
        Enqueue(NewTask("b", "next"));

        // The end of one is told by a receipt, that of the other by its outcome: which is written first is not said.
        Assert.Equal(["a", "b"], new[] { worker.NextFinished().Id, worker.NextFinished().Id }.Order());
    }

    [Fact]
    public void A_handler_that_cannot_know_of_a_stop_is_killed_without_a_grace()
    {
        Enqueue("a");
        Start(Options with { GracePeriod = TimeSpan.FromHours(1) }, ("work", UntilKilled));
        AwaitBegin();

        Assert.Equal(StopOutcome.Killed, Confirmed(Change(new ForceCancelTask("a"))).Outcome);
    }

    [Fact]
    public void A_handler_that_knows_of_a_stop_and_goes_on_is_killed_after_the_grace()
    {
        Enqueue("a");
        var (asked, killed) = (0L, 0L);
        Start(Options with { GracePeriod = TimeSpan.FromMilliseconds(300) }, ("work", execution =>
        {
            var cancellation = execution.Cancellation;
            Begin();
            cancellation.WaitHandle.WaitOne();
            execution.Kill.WaitHandle.WaitOne();
            killed = System.Diagnostics.Stopwatch.GetTimestamp();
            return HandlerOutcome.Success();
        }));
        AwaitBegin();

        asked = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.Equal(StopOutcome.Killed, Confirmed(Change(new ForceCancelTask("a"))).Outcome);
        // From before it was told: however late each thread gets its turn, the grace lies between. The clocks may differ by a little.
        Assert.True(System.Diagnostics.Stopwatch.GetElapsedTime(asked, killed) >= TimeSpan.FromMilliseconds(250));
        Assert.Equal(QueueTaskStatus.Failed, Found("a").Status);
    }

    [Fact]
    public void A_handler_that_ignores_everything_is_reported_and_its_slot_replaced()
    {
        Enqueue("a");
        using var free = new ManualResetEventSlim();
        var worker = Start(
            Options with { Concurrency = 1, KillPeriod = TimeSpan.FromMilliseconds(100) },
            ("work", _ =>
            {
                Begin();
                free.Wait();
                return HandlerOutcome.Success();
            }),
            ("next", WorkerRun.Succeed));
        AwaitBegin();

        Assert.Equal(StopOutcome.Ignored, Confirmed(Change(new ForceCancelTask("a"))).Outcome);
        Enqueue(NewTask("b", "next"));
        Assert.Equal(["a", "b"], [worker.NextFinished().Id, worker.NextFinished().Id]);
        Assert.Contains(worker.Warnings, warning => warning.Contains("'a' ignores its stop", StringComparison.Ordinal));

        // Its late end is nobody's business any more.
        free.Set();
        worker.Drain();
        worker.Await();
        Assert.Equal(QueueTaskStatus.Failed, Found("a").Status);
    }

    [Fact]
    public void A_task_that_waits_in_the_worker_is_stopped_before_it_begins()
    {
        Enqueue("a", "b");
        using var go = new ManualResetEventSlim();
        var ran = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var worker = Start(Options with { Concurrency = 1, Prefetch = 1 }, ("work", execution =>
        {
            ran.Enqueue(execution.Task.Id);
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        BecomesEventually("b", QueueTaskStatus.Running);

        Assert.Equal(StopOutcome.NotRunning, Confirmed(Change(new ForceCancelTask("b"))).Outcome);
        go.Set();
        worker.Drain();
        worker.Await();

        Assert.Equal(["a"], ran);
        Assert.Equal(QueueTaskStatus.Failed, Found("b").Status);
    }

    [Fact]
    public void A_removed_running_task_is_stopped_too()
    {
        Enqueue("a");
        Start(Options, ("work", UntilCancelled));
        AwaitBegin();

        Assert.Equal(StopOutcome.Ended, Confirmed(Change(new RemoveTask("a", Force: true))).Outcome);
        Assert.Null(Store.Find("a", Cancel));
    }

    [Fact]
    public void A_cleanup_stops_the_handler_of_what_it_cleans()
    {
        Enqueue("a");
        Start(Options, ("work", UntilCancelled));
        AwaitBegin();
        var token = Found("a").ClaimToken!.Value;
        var cleanup = new StuckTaskCleanup(Store);
        var plan = cleanup.Plan(new StuckPolicy { MaxAge = TimeSpan.FromMilliseconds(1), IncludeLive = true }, Cancel);

        Assert.Equal("a", Assert.Single(plan.Stuck).Id);
        Assert.Equal(StuckVerdict.Slow, plan.Stuck[0].Verdict);
        cleanup.Apply(plan, plan.Stuck, null, Act("cleanup"), Cancel);

        Assert.Equal(StopOutcome.Ended, Confirmed(token).Outcome);
    }

    [Fact]
    public void A_task_beyond_its_time_out_is_stopped_and_tried_again()
    {
        Enqueue(NewTask("a") with { Timeout = TimeSpan.FromMilliseconds(50), MaxRetries = 1 });
        var worker = Start(Options, ("work", execution =>
        {
            execution.Cancellation.WaitHandle.WaitOne();
            return HandlerOutcome.Success("\"too late\"");
        }));

        var failed = worker.NextFinished();

        Assert.Equal((QueueTaskStatus.Failed, 2, 1, null), (failed.Status, failed.Attempt, failed.RetryCount, failed.ResultJson));
        Assert.StartsWith("Timed out after", failed.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_whose_handler_ignores_its_time_out_is_not_run_beside_itself()
    {
        Enqueue(NewTask("a") with { Timeout = TimeSpan.FromMilliseconds(50) });
        using var free = new ManualResetEventSlim();
        var worker = Start(Options with { KillPeriod = TimeSpan.FromMilliseconds(50) }, ("work", _ =>
        {
            free.Wait();
            return HandlerOutcome.Success();
        }));

        var failed = worker.NextFinished();
        free.Set();

        Assert.Equal((QueueTaskStatus.Failed, 1), (failed.Status, failed.Attempt));
        Assert.Contains("still runs", failed.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_whose_queue_is_restored_stops_what_it_ran_and_its_late_result_is_refused()
    {
        Enqueue("a");
        using var finish = new ManualResetEventSlim();
        using var told = new ManualResetEventSlim();
        var runs = 0;
        Start(Options, ("work", execution =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                using var onTold = execution.Cancellation.Register(told.Set);
                Begin();
                finish.Wait(Cancel);
            }

            return HandlerOutcome.Success($"{execution.Task.Attempt}");
        }));
        AwaitBegin();
        var late = Found("a").ClaimToken!.Value;
        var path = Folder["copy.db"];
        Store.Backup(new BackupRequest(path), Cancel);
        using (var backup = TaskQueue.Storage.TaskStores.OpenBackup(path, Cancel))
        {
            QueueTransfer.Restore(backup, Store, RunningTasks.Requeue, Act("restore"), new AfterCommit(), Cancel);
        }

        BecomesEventually("a", QueueTaskStatus.Success);
        Assert.True(told.Wait(HangGuard.Longest, Cancel), "The handler was never told.");
        finish.Set();
        Assert.NotNull(Confirmed(late).Outcome);

        // The attempt goes on counting from the backup's, so that it may repeat: the token is the fence.
        Assert.Equal("2", Found("a").ResultJson);
    }

    private HandlerOutcome UntilCancelled(TaskExecution execution)
    {
        var cancellation = execution.Cancellation;
        Begin();
        cancellation.WaitHandle.WaitOne();
        return HandlerOutcome.Success("\"late\"");
    }

    private HandlerOutcome UntilKilled(TaskExecution execution)
    {
        Begin();
        execution.Kill.WaitHandle.WaitOne();
        return HandlerOutcome.Success("\"late\"");
    }

    private TaskStop Confirmed(TaskOutcome outcome)
    {
        Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind);
        Assert.NotNull(outcome.EndedClaim);
        return Confirmed(outcome.EndedClaim.Value);
    }

    private TaskStop Confirmed(Guid token)
    {
        TaskStop? stop = null;
        Eventually(
            () => (stop = Store.Workers.FindStops([token], Cancel).SingleOrDefault())?.ConfirmedAt is not null, "the stop is confirmed");
        return stop!;
    }
}
