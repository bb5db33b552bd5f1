using System.Collections.Concurrent;
using Xunit;

namespace TaskQueue.Tests.Workers;

// The faults of the original system, each shown to be impossible in the native layout.
public abstract partial class WorkerContract
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fault_1_a_cancelled_or_deleted_task_still_ran(bool isDeleted)
    {
        Enqueue("a", "b");
        Change(isDeleted ? new RemoveTask("a") : new CancelTask("a"));
        var ran = new ConcurrentQueue<string>();
        Start(UntilEmpty, ("work", execution =>
        {
            ran.Enqueue(execution.Task.Id);
            return HandlerOutcome.Success();
        })).Await();

        Assert.Equal(["b"], ran);
        Assert.Equal(isDeleted ? null : QueueTaskStatus.Cancelled, Store.Find("a", Cancel)?.Status);
    }

    [Fact]
    public void Fault_2_a_forced_stop_stopped_nothing_and_was_overwritten()
    {
        Enqueue("a");
        var worker = Start(Options, ("work", UntilCancelled));
        AwaitBegin();
        var token = Found("a").ClaimToken!.Value;

        Assert.Equal(StopOutcome.Ended, Confirmed(Change(new ForceCancelTask("a"))).Outcome);
        // Also the answer that was on its way when the stop came:
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", token, "\"late\"")).Kind);
        worker.Drain();
        worker.Await();

        Assert.Equal(
            (QueueTaskStatus.Failed, ForceCancelTask.Message, null), (Found("a").Status, Found("a").ErrorMessage, Found("a").ResultJson));
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("cancelled")]
    [InlineData("locked")]
    public void Fault_3_an_end_state_was_lost(string cause)
    {
        Enqueue("a");
        using var running = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var worker = Start(Options with { GracePeriod = TimeSpan.FromMilliseconds(50) }, ("work", execution =>
        {
            running.Set();
            WaitHandle.WaitAny([go.WaitHandle, execution.Cancellation.WaitHandle]);
            return HandlerOutcome.Success(cause == "no JSON" ? "{" : null);
        }));
        Assert.True(running.Wait(HangGuard.Longest, Cancel));
        switch (cause)
        {
            case "locked":
                // Longer than the worker's own wait for the lock.
                using (Locked())
                {
                    go.Set();
                    Eventually(
                        () => worker.Warnings.Any(warning => warning.StartsWith("Outcomes wait", StringComparison.Ordinal)),
                        "the outcome waits for the lock");
                }

                BecomesEventually("a", QueueTaskStatus.Success);
                break;
            case "no JSON":
                go.Set();
                BecomesEventually("a", QueueTaskStatus.Failed);
                break;
            default:
                worker.Drain();
                worker.Await();
                Assert.Equal(QueueTaskStatus.Pending, Found("a").Status);
                break;
        }
    }

    [Fact]
    public void Fault_4_after_a_restart_running_tasks_were_never_recovered()
    {
        // As a process leaves it that was killed and whose machine started it again.
        ClaimAs(Gone(), "a", lease: TimeSpan.FromHours(1));

        var task = Start(Options, ("work", WorkerRun.Succeed)).NextFinished();

        Assert.Equal(("a", QueueTaskStatus.Success), (task.Id, task.Status));
    }

    [Fact]
    public void Fault_5_two_managers_on_one_queue_ran_every_task_twice()
    {
        Enqueue([.. Enumerable.Range(0, 300).Select(number => $"t{number}")]);
        var ran = new ConcurrentQueue<string>();
        var workers = Enumerable.Range(0, 2).Select(_ => Start(UntilEmpty with { Prefetch = 4 }, ("work", execution =>
        {
            ran.Enqueue(execution.Task.Id);
            return HandlerOutcome.Success();
        }))).ToList();
        workers.ForEach(worker => worker.Await());

        Assert.Equal(300, ran.Count);
        Assert.Equal(300, ran.Distinct().Count());
    }

    [Fact]
    public void Fault_6_tasks_of_one_priority_did_not_run_in_their_order()
    {
        Enqueue("a", "b", "c");
        Enqueue(NewTask("urgent") with { Priority = 1 });
        Enqueue("d");
        var ran = new ConcurrentQueue<string>();
        Start(UntilEmpty with { Concurrency = 1 }, ("work", execution =>
        {
            ran.Enqueue(execution.Task.Id);
            return HandlerOutcome.Success();
        })).Await();

        Assert.Equal(["urgent", "a", "b", "c", "d"], ran);
    }

    [Fact]
    public void Fault_7_an_unknown_type_or_bad_JSON_hid_all_tasks_after_it()
    {
        Enqueue(NewTask("unknown", "nobody's"));
        Enqueue("bad", "good");
        Corrupt("bad");
        var data = new ConcurrentDictionary<string, object?>();
        Start(UntilEmpty, ("work", execution =>
        {
            data[execution.Task.Id] = execution.Task.Data;
            return HandlerOutcome.Success();
        })).Await();

        Assert.Equal(QueueTaskStatus.Pending, Found("unknown").Status);
        Assert.Equal((QueueTaskStatus.Success, QueueTaskStatus.Success), (Found("bad").Status, Found("good").Status));
        Assert.Equal("{broken", data["bad"]);
    }

    [Fact]
    public void Fault_8_retries_never_happened_or_never_ended()
    {
        Enqueue(NewTask("a") with { MaxRetries = 3 }, NewTask("never") with { MaxRetries = 0 });
        var attempts = new ConcurrentDictionary<string, int>();
        var sawRetry = false;
        var worker = Start(Options with { Backoff = new RetryBackoff { First = TimeSpan.FromMilliseconds(50) } }, ("work", execution =>
        {
            attempts.AddOrUpdate(execution.Task.Id, 1, (_, count) => count + 1);
            throw new IOException("the disk is away");
        }));
        Eventually(() => sawRetry |= Found("a").Status is QueueTaskStatus.Retry, "the task stands in retry");
        worker.NextFinished();
        worker.NextFinished();

        Assert.Equal((4, 1), (attempts["a"], attempts["never"]));
        Assert.Equal((QueueTaskStatus.Failed, 3), (Found("a").Status, Found("a").RetryCount));
        Assert.Equal((QueueTaskStatus.Failed, 0), (Found("never").Status, Found("never").RetryCount));
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z", true)]
    [InlineData("2020-01-01T08:00:00+08:00", true)]
    [InlineData("2099-01-01T00:00:00Z", false)]
    [InlineData("2099-01-01T00:00:00-11:00", false)]
    public void Fault_9_a_due_time_with_an_offset_was_misread(string due, bool isDue)
    {
        var time = DateTimeOffset.Parse(due, System.Globalization.CultureInfo.InvariantCulture);
        Enqueue(NewTask("a") with { DueAt = time });
        Start(UntilEmpty, ("work", WorkerRun.Succeed)).Await();

        Assert.Equal(isDue ? QueueTaskStatus.Success : QueueTaskStatus.Pending, Found("a").Status);
        Assert.Equal(time.ToUniversalTime(), Found("a").DueAt);
    }

    /// <summary>Another program's lock on the whole queue, for as long as it is held.</summary>
    protected abstract IDisposable Locked();

    /// <summary>Puts text into a task's data that is no JSON, behind the product's back.</summary>
    protected abstract void Corrupt(string id);
}
