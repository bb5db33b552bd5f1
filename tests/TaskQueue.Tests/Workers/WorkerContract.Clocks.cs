using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    // So long that no renewal comes by itself while a test runs.
    private static readonly TimeSpan LongLease = TimeSpan.FromHours(20);

    private WorkerOptions ByTheClock => Options with { Time = Time };

    [Theory]
    [InlineData(48)]
    [InlineData(-48)]
    public void A_worker_renews_its_leases_at_once_when_the_clock_is_set(int hours)
    {
        Enqueue("a");
        using var go = new ManualResetEventSlim();
        Start(ByTheClock with { LeaseTime = LongLease }, ("work", Until(go)));
        AwaitBegin();

        Time.Jump(TimeSpan.FromHours(hours));

        Eventually(
            () => Found("a").LeaseExpiresAt is { } lease && (lease - Store.Now - LongLease).Duration() < TimeSpan.FromHours(1),
            "the lease is renewed");
        Eventually(() => Assert.Single(Store.Workers.Read(Cancel)).GaveSignOfLife(Store.Now), "the worker says that it lives");
        go.Set();
    }

    [Fact]
    public void The_time_that_a_clock_skipped_is_no_lack_of_progress()
    {
        Enqueue("a");
        using var go = new ManualResetEventSlim();
        Start(
            ByTheClock with
            {
                LeaseTime = LongLease, ProgressTimeouts = new Dictionary<string, TimeSpan> { ["work"] = TimeSpan.FromHours(1) },
            }, ("work", Until(go)));
        AwaitBegin();

        Time.Jump(TimeSpan.FromHours(48));

        Eventually(() => Found("a").HeartbeatAt > Store.Now.AddHours(-1), "the lease is renewed");
        Assert.False(Assert.Single(new StuckTaskCleanup(Store).Plan(new StuckPolicy(), Cancel).Found).MadeNoProgress);
        go.Set();
    }

    [Fact]
    public void A_retry_that_a_clock_put_off_which_was_ahead_is_brought_back_with_a_warning()
    {
        Time.Jump(TimeSpan.FromHours(24));
        FailToRetry("a", TimeSpan.FromMinutes(30));
        Time.Jump(TimeSpan.FromHours(-24));
        Assert.True(Found("a").DueAt > Store.Now.AddHours(23));

        var worker = Start(ByTheClock, ("other", WorkerRun.Succeed));

        Eventually(() => Found("a").DueAt <= Store.Now.AddMinutes(30), "the retry is brought back");
        var task = Found("a");
        Assert.Equal((QueueTaskStatus.Retry, 1, 1), (task.Status, task.Attempt, task.RetryCount));
        Assert.Equal(TimeSpan.FromMinutes(30), task.DueAt - task.StateSince);
        Assert.Contains(Store.History.ReadEvents(new EventQuery(), Cancel), logged => logged is { TaskId: "a", Event: "bring back" });
        Eventually(
            () => worker.Warnings.Any(warning => warning.Contains("put off by a clock that was ahead", StringComparison.Ordinal)),
            "it is said");
    }

    [Fact]
    public void A_worker_that_was_ahead_itself_brings_its_retry_back_once_its_clock_is_set()
    {
        var worker = Start(
            ByTheClock with { Backoff = new RetryBackoff { First = TimeSpan.FromMinutes(40) } },
            ("work", _ => HandlerOutcome.Failure("no")));
        Time.Jump(TimeSpan.FromHours(24));
        Enqueue("a");
        BecomesEventually("a", QueueTaskStatus.Retry);

        Time.Jump(TimeSpan.FromHours(-24));

        Eventually(() => Found("a").DueAt <= Store.Now.AddMinutes(40), "the retry is brought back");
        Assert.Equal(1, worker.Counts.Retried);
    }

    [Fact]
    public void What_somebody_meant_to_wait_for_long_is_left_alone()
    {
        FailToRetry("by a worker with longer waits", TimeSpan.FromDays(2));
        FailToRetry("put off by an operator", TimeSpan.FromMinutes(1));
        Change(new SetTask("put off by an operator") { DueAt = Store.Now.AddDays(3) });
        Time.Jump(TimeSpan.FromHours(24));
        FailToRetry("by a worker with longer waits, ahead", TimeSpan.FromDays(2));
        FailToRetry("by an operator, after a clock that was ahead", TimeSpan.FromMinutes(1));
        Store.Enqueue([NewTask("new and put off") with { Delay = TimeSpan.FromMinutes(10) }], Cancel);
        Time.Jump(TimeSpan.FromHours(-24));
        Change(new SetTask("by an operator, after a clock that was ahead") { DueAt = Store.Now.AddHours(5) });
        // The one that shows that the worker has looked.
        Time.Jump(TimeSpan.FromHours(24));
        FailToRetry("put off by the clock", TimeSpan.FromMinutes(1));
        Time.Jump(TimeSpan.FromHours(-24));
        var before = Store.Read(new TaskQuery { Matches = task => task.Id != "put off by the clock" }, Cancel).ToDictionary(
            task => task.Id, task => task.DueAt);

        Start(ByTheClock, ("other", WorkerRun.Succeed));

        Eventually(() => Found("put off by the clock").DueAt < Store.Now.AddHours(1), "the retry is brought back");
        Assert.All(before, task => Assert.Equal(task.Value, Found(task.Key).DueAt));
    }

    [Fact]
    public void A_sign_of_life_from_the_future_proves_no_life()
    {
        Time.Jump(TimeSpan.FromHours(24));
        var elsewhere = Elsewhere();
        Store.Workers.Put(
            new WorkerRecord { Identity = elsewhere, LeaseTime = TimeSpan.FromMinutes(1), Concurrency = 1, Types = ["work"] }, Cancel);
        Assert.True(new WorkerDirectory(Store).Lives(elsewhere.Id, Cancel));
        Time.Jump(TimeSpan.FromHours(-24));

        Assert.False(new WorkerDirectory(Store).Lives(elsewhere.Id, Cancel));
        var shown = Assert.Single(QueueWorkerInfo.Read(Store, Cancel));
        Assert.Equal(QueueWorkerState.Dead, shown.State);
        Assert.Contains("in the future, since the clocks differ", shown.Evidence, StringComparison.Ordinal);
    }

    private Func<TaskExecution, HandlerOutcome> Until(ManualResetEventSlim go) => _ =>
    {
        Begin();
        go.Wait(Cancel);
        return HandlerOutcome.Success();
    };

    /// <summary>A task that failed once and waits for its next try.</summary>
    private void FailToRetry(string id, TimeSpan wait)
    {
        // A type of its own: others that failed may be due by now.
        Enqueue(NewTask(id, id.Replace(' ', '-')));
        Claim(Elsewhere(), TimeSpan.FromMinutes(1), id.Replace(' ', '-'));
        Assert.Equal(TaskOutcomeKind.Applied, Change(new FailTask(id, Found(id).ClaimToken!.Value, "no", wait)).Kind);
        Assert.Equal(QueueTaskStatus.Retry, Found(id).Status);
    }
}
