using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    [Fact]
    public void A_task_of_a_worker_that_is_proven_gone_is_taken_back_at_once()
    {
        ClaimAs(Gone(), "a", lease: TimeSpan.FromHours(10));
        var worker = Start(Options, ("work", WorkerRun.Succeed));

        var task = worker.NextFinished();

        Assert.Equal((QueueTaskStatus.Success, 2, 1), (task.Status, task.Attempt, task.Recoveries));
    }

    [Fact]
    public void A_task_of_a_worker_out_of_reach_is_taken_back_after_its_lease_was_watched()
    {
        ClaimAs(Elsewhere(), "a", lease: TimeSpan.FromSeconds(1));
        var worker = Start(Options, ("work", WorkerRun.Succeed));

        Assert.Equal((2, 1), (worker.NextFinished().Attempt, Found("a").Recoveries));
    }

    [Fact]
    public void A_run_that_drains_first_takes_back_what_a_dead_worker_held_and_runs_it()
    {
        ClaimAs(Gone(), "a", lease: TimeSpan.FromHours(10));

        Start(UntilEmpty, ("work", WorkerRun.Succeed)).Await();

        Assert.Equal((QueueTaskStatus.Success, 2), (Found("a").Status, Found("a").Attempt));
    }

    [Fact]
    public void A_run_that_drains_waits_for_a_lease_that_only_needs_watching_and_says_so_once()
    {
        ClaimAs(Elsewhere(), "a", lease: TimeSpan.FromSeconds(3));

        var worker = Start(UntilEmpty, ("work", WorkerRun.Succeed));
        worker.Await();

        Assert.Equal(QueueTaskStatus.Success, Found("a").Status);
        Assert.Equal("Nothing is due; waiting for the lease of 1 task of a dead worker.", Assert.Single(worker.Warnings));
    }

    [Fact]
    public void A_run_that_drains_waits_for_no_worker_that_gives_a_sign_of_life()
    {
        var elsewhere = Elsewhere();
        ClaimAs(elsewhere, "a", lease: TimeSpan.FromHours(1));
        var worker = Start(UntilEmpty, ("work", WorkerRun.Succeed));

        Eventually(
            () =>
            {
                SayThatItLives(elsewhere);
                return worker.HasEnded;
            },
            "the run ends");

        Assert.Equal(QueueTaskStatus.Running, Found("a").Status);
        Assert.Empty(worker.Warnings);
    }

    [Fact]
    public void A_run_that_drains_waits_for_no_type_that_it_does_not_know()
    {
        ClaimAs(Elsewhere(), "a", lease: TimeSpan.FromHours(1), type: "nobody's");

        Start(UntilEmpty, ("work", WorkerRun.Succeed)).Await();

        Assert.Equal(QueueTaskStatus.Running, Found("a").Status);
    }

    [Fact]
    public void A_lease_that_a_clock_ahead_has_left_in_the_future_is_watched_like_any_other()
    {
        Time.Jump(TimeSpan.FromDays(1));
        ClaimAs(Elsewhere(), "a", lease: TimeSpan.FromSeconds(1));
        Time.Jump(TimeSpan.FromDays(-1));

        Start(UntilEmpty, ("work", WorkerRun.Succeed)).Await();

        Assert.Equal(QueueTaskStatus.Success, Found("a").Status);
    }

    [Fact]
    public void A_task_in_a_workers_own_name_that_it_does_not_hold_is_taken_back_too()
    {
        // As after the queue was put back to an earlier state under it.
        var worker = Start(Options, ("work", WorkerRun.Succeed));
        Eventually(() => Store.Workers.Read(Cancel).Count == 1, "the worker is known");
        ClaimAs(worker.Identity, "a", lease: TimeSpan.FromSeconds(1), type: "nobody's");

        BecomesEventually("a", QueueTaskStatus.Retry);
    }

    [Fact]
    public void A_stop_that_a_killed_worker_had_taken_is_answered_by_another()
    {
        var gone = Gone();
        ClaimAs(gone, "a", lease: TimeSpan.FromHours(1), type: "nobody's");
        var stopped = Change(new ForceCancelTask("a"));
        Assert.Single(Store.Workers.TakeStops(gone.Id, Cancel));
        Start(Options, ("work", WorkerRun.Succeed));

        Assert.Equal(StopOutcome.NotRunning, Confirmed(stopped).Outcome);
    }

    [Fact]
    public void A_task_of_a_live_worker_is_left_alone_whatever_its_clock_says()
    {
        Enqueue("a");
        using var go = new ManualResetEventSlim();
        var holder = Start(Options with { Concurrency = 1 }, ("work", _ =>
        {
            Begin();
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        var second = Start(Options, ("work", WorkerRun.Succeed));
        ClaimAs(Elsewhere(), "b", lease: TimeSpan.FromSeconds(1), type: "nobody's");

        // Long enough for the other one's lease to be watched to its end, at each jump.
        Time.Jump(TimeSpan.FromHours(1));
        BecomesEventually("b", QueueTaskStatus.Retry);
        Assert.Equal((QueueTaskStatus.Running, 1), (Found("a").Status, Found("a").Attempt));

        Time.Jump(TimeSpan.FromHours(-2));
        var age = Found("a").Age;
        Assert.True(age < TimeSpan.Zero);
        Assert.Contains(
            "the clocks differ", StuckJudge.Judge(Found("a"), Liveness.Unknown, Store.Now, TimeSpan.FromHours(1)).Evidence,
            StringComparison.Ordinal);
        Eventually(() => Found("a").HeartbeatAt < Store.Now.AddSeconds(1), "the lease is renewed by the clock as it is now");
        Assert.Equal((QueueTaskStatus.Running, 1), (Found("a").Status, Found("a").Attempt));

        go.Set();
        Assert.Equal("a", holder.NextFinished().Id);
        Assert.Equal(0, second.Counts.Done);
    }

    [Fact]
    public void A_task_without_a_claim_is_no_business_of_recovery()
    {
        Store.Import(
            [TestTask.In(QueueTaskStatus.Running) with { Id = "silent" }], new ImportOptions { Running = RunningTasks.Keep }, Act("import"),
            Cancel);
        ClaimAs(Gone(), "a", lease: TimeSpan.FromHours(1));
        Start(Options, ("work", WorkerRun.Succeed)).NextFinished();

        Assert.Equal(QueueTaskStatus.Running, Found("silent").Status);
    }

    [Fact]
    public void A_completion_of_an_earlier_claim_never_touches_an_id_that_was_made_again()
    {
        Enqueue("a");
        using var finish = new ManualResetEventSlim();
        var worker = Start(Options with { Concurrency = 1, GracePeriod = TimeSpan.FromHours(1) }, ("work", execution =>
        {
            _ = execution.Cancellation;
            Begin();
            finish.Wait(Cancel);
            return HandlerOutcome.Success("\"of the first\"");
        }));
        AwaitBegin();
        Change(new RemoveTask("a", Force: true));
        Enqueue(NewTask("a", "another"));
        finish.Set();
        worker.Drain();
        worker.Await();

        Assert.Equal((QueueTaskStatus.Pending, null, 0), (Found("a").Status, Found("a").ResultJson, Found("a").Attempt));
    }

    private void ClaimAs(WorkerIdentity worker, string id, TimeSpan lease, string type = "work")
    {
        Enqueue(NewTask(id, type));
        Claim(worker, lease, type);
        Assert.Equal(QueueTaskStatus.Running, Found(id).Status);
    }

    private void Claim(WorkerIdentity worker, TimeSpan lease, string type, int count = 1, int beginAtOnce = 1)
    {
        Store.Workers.Put(RecordOf(worker), Cancel);
        var request = new ClaimRequest
        {
            Types = [type],
            Tokens = ClaimRequest.NewTokens(count),
            BeginAtOnce = beginAtOnce,
            Worker = worker.Name,
            WorkerId = worker.Id,
            LeaseTime = lease,
        };
        Assert.Equal(count, Store.Claim(request, Cancel).Count);
    }

    private void SayThatItLives(WorkerIdentity worker) => Store.Workers.Put(RecordOf(worker), Cancel);

    private static WorkerRecord RecordOf(WorkerIdentity worker) =>
        new() { Identity = worker, LeaseTime = TimeSpan.FromMinutes(1), Concurrency = 1, Types = ["work"] };

    /// <summary>This process's id, as it might have been used by another process before.</summary>
    private static WorkerIdentity Gone()
    {
        var here = HostProcesses.NewWorkerIdentity();
        return here with { ProcessStart = here.ProcessStart - TimeSpan.TicksPerDay };
    }

    private static WorkerIdentity Elsewhere() =>
        HostProcesses.NewWorkerIdentity() with { Machine = "elsewhere", Boot = Guid.NewGuid().ToString() };
}
