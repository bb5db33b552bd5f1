using System.Collections.Concurrent;
using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    [Fact]
    public void A_task_is_run_once_and_its_result_is_kept()
    {
        Enqueue(NewTask("a") with { DataJson = """{"n":20}""" });
        var worker = Start(UntilEmpty, ("work", execution => HandlerOutcome.Success($"{{\"got\":{execution.Task.DataJson}}}")));

        worker.Await();

        var task = Found("a");
        Assert.Equal((QueueTaskStatus.Success, """{"got":{"n":20}}""", 1), (task.Status, task.ResultJson, task.Attempt));
        Assert.Equal(worker.Identity.Name, task.Worker);
        Assert.Equal(new WorkerCounts(1, 0, 0, 0), worker.Counts);
        Assert.Equal("a", worker.NextFinished().Id);
    }

    [Fact]
    public void The_handler_of_all_others_runs_what_has_none_of_its_own_also_types_that_come_up_meanwhile()
    {
        Enqueue(NewTask("a", "own"), NewTask("b", "other"));
        var ran = new ConcurrentQueue<string>();
        Start(
            UntilEmpty with { Concurrency = 1 },
            ("own", execution => Ran(execution, "own")),
            (HandledTypes.AllOthers, execution => Ran(execution, "all others"))).Await();

        Assert.Equal(["a by own", "b by all others", "late by all others"], ran.Order(StringComparer.Ordinal));

        HandlerOutcome Ran(TaskExecution execution, string handler)
        {
            ran.Enqueue($"{execution.Task.Id} by {handler}");
            if (execution.Task.Id == "b")
            {
                Enqueue(NewTask("late", "new type"));
            }

            return HandlerOutcome.Success();
        }
    }

    [Fact]
    public void A_failed_task_is_tried_again_as_often_as_it_may_be_and_then_fails()
    {
        Enqueue(NewTask("a") with { MaxRetries = 2 });
        var attempts = new ConcurrentQueue<int>();
        var worker = Start(Options, ("work", execution =>
        {
            attempts.Enqueue(execution.Task.Attempt);
            throw new InvalidOperationException("no luck");
        }));

        var failed = worker.NextFinished();

        Assert.Equal([1, 2, 3], attempts);
        Assert.Equal((QueueTaskStatus.Failed, 2), (failed.Status, failed.RetryCount));
        Assert.Contains("no luck", failed.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal((0, 1, 2), (worker.Counts.Done, worker.Counts.Failed, worker.Counts.Retried));
    }

    [Fact]
    public void A_handler_can_say_that_another_try_is_of_no_use()
    {
        Enqueue("a");
        Start(UntilEmpty, ("work", _ => HandlerOutcome.Failure("the file is no film", doNotRetry: true))).Await();

        Assert.Equal(
            (QueueTaskStatus.Failed, "the file is no film", 0), (Found("a").Status, Found("a").ErrorMessage, Found("a").RetryCount));
    }

    [Fact]
    public void A_result_that_no_queue_can_keep_is_a_failure_and_no_lost_end_state()
    {
        Enqueue("a");
        Start(UntilEmpty, ("work", _ => HandlerOutcome.Success("{broken"))).Await();

        Assert.Equal(QueueTaskStatus.Failed, Found("a").Status);
        Assert.Contains("its result cannot be kept", Found("a").ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_handler_should_not_return_is_a_failure_and_no_end_of_the_worker()
    {
        Enqueue("nothing", "too much");
        var text = new string('x', 10_000_000);
        var worker = Start(
            UntilEmpty, ("work", execution => execution.Task.Id == "nothing" ? null! : HandlerOutcome.Failure(text, doNotRetry: true)));

        Eventually(() => Found("too much").Status is QueueTaskStatus.Failed && Found("nothing").RetryCount > 0, "both have failed");
        Assert.Contains("no outcome", Found("nothing").ErrorMessage, StringComparison.Ordinal);
        Assert.InRange(Found("too much").ErrorMessage!.Length, 1000, 100_000);
        worker.Drain();
        worker.Await();
    }

    [Fact]
    public void A_task_whose_handler_ignores_the_end_of_its_worker_is_not_given_to_the_next_at_once()
    {
        Enqueue("a");
        using var free = new ManualResetEventSlim();
        var worker = Start(
            Options with { GracePeriod = TimeSpan.Zero, KillPeriod = TimeSpan.FromMilliseconds(50), LeaseTime = TimeSpan.FromHours(1) },
            ("work", _ =>
            {
                Begin();
                free.Wait();
                return HandlerOutcome.Success();
            }));
        AwaitBegin();
        worker.Drain();
        worker.Await();
        free.Set();

        Assert.Equal((QueueTaskStatus.Pending, 0), (Found("a").Status, Found("a").RetryCount));
        Assert.True(Found("a").DueAt > Store.Now.AddMinutes(50));
        var release = Assert.Single(Store.History.ReadEvents(new EventQuery { TaskId = "a" }, Cancel), logged => logged.Event == "release");
        Assert.Contains("still runs in process", release.Details, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_tasks_run_at_a_time_as_there_are_slots()
    {
        Enqueue("a", "b", "c", "d", "e", "f");
        using var together = new Barrier(3);
        var most = 0;
        var running = 0;
        Start(UntilEmpty with { Concurrency = 3, Prefetch = 2 }, ("work", _ =>
        {
            var now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            Assert.True(together.SignalAndWait(HangGuard.Longest), "Three tasks never ran side by side.");
            Interlocked.Decrement(ref running);
            return HandlerOutcome.Success();
        })).Await();

        Assert.Equal(3, most);
        Assert.All(Store.Read(new TaskQuery(), Cancel), task => Assert.Equal(QueueTaskStatus.Success, task.Status));
    }

    [Fact]
    public void A_limited_number_of_tasks_is_finished_and_the_rest_left_alone()
    {
        Enqueue([.. Enumerable.Range(0, 10).Select(number => $"t{number}")]);
        Start(Options with { MaxTasks = 7, Prefetch = 5 }, ("work", WorkerRun.Succeed)).Await();

        Assert.Equal(7, Store.CountByStatus(Cancel)["success"]);
        Assert.Equal(3, Store.CountByStatus(Cancel)["pending"]);
    }

    [Fact]
    public void A_task_that_comes_to_an_idle_worker_is_run_at_once_and_one_that_waits_for_its_time_then()
    {
        var worker = Start(Options, ("work", WorkerRun.Succeed));
        Enqueue("now");
        Assert.Equal("now", worker.NextFinished().Id);

        Enqueue(NewTask("later") with { Delay = TimeSpan.FromMilliseconds(300) });
        var later = worker.NextFinished();

        Assert.Equal("later", later.Id);
        Assert.True(later.StartedAt >= later.DueAt);
    }

    [Fact]
    public void Progress_is_seen_while_the_task_runs()
    {
        Enqueue("a");
        using var go = new ManualResetEventSlim();
        var worker = Start(UntilEmpty, ("work", execution =>
        {
            execution.Report(40, "encoding");
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));

        Eventually(() => Found("a") is { Progress: 40, ProgressMessage: "encoding" }, "its progress is written");
        go.Set();
        worker.Await();
        Assert.Equal(QueueTaskStatus.Success, Found("a").Status);
    }

    [Fact]
    public void A_long_task_keeps_its_lease_also_while_the_worker_drains()
    {
        Enqueue("a");
        using var go = new ManualResetEventSlim();
        var worker = Start(Options with { LeaseTime = TimeSpan.FromSeconds(1) }, ("work", _ =>
        {
            Begin();
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        var first = Found("a").LeaseExpiresAt;
        worker.Drain();

        Eventually(() => Found("a").LeaseExpiresAt > first + TimeSpan.FromSeconds(1), "the lease is renewed again and again");
        go.Set();
        worker.Await();

        Assert.Equal(QueueTaskStatus.Success, Found("a").Status);
    }

    [Fact]
    public void Draining_finishes_what_runs_gives_back_what_waits_and_takes_nothing_new()
    {
        Enqueue([.. Enumerable.Range(0, 8).Select(number => $"t{number}")]);
        using var go = new ManualResetEventSlim();
        var worker = Start(Options with { Prefetch = 3 }, ("work", _ =>
        {
            Begin();
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        AwaitBegin();
        Eventually(() => Store.CountByStatus(Cancel).GetValueOrDefault("running") == 5, "two run and three wait in the worker");
        worker.Drain();
        Eventually(() => Store.CountByStatus(Cancel).GetValueOrDefault("pending") == 6, "those that wait are given back");
        go.Set();
        worker.Await();

        Assert.Equal((2, 6), (Store.CountByStatus(Cancel)["success"], Store.CountByStatus(Cancel)["pending"]));
        Assert.All(Store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending] }, Cancel), task => Assert.Equal(0, task.RetryCount));
        Assert.Empty(Store.Workers.Read(Cancel));
    }

    [Fact]
    public void What_is_not_done_when_the_grace_period_ends_goes_back_to_pending_and_costs_no_retry()
    {
        Enqueue("a");
        var worker = Start(Options with { GracePeriod = TimeSpan.FromMilliseconds(50) }, ("work", execution =>
        {
            Begin();
            execution.Cancellation.WaitHandle.WaitOne();
            return HandlerOutcome.Success("\"a program that exits well on a signal has not done its work\"");
        }));
        AwaitBegin();
        worker.Drain();
        worker.Await();

        Assert.Equal((QueueTaskStatus.Pending, 0, null), (Found("a").Status, Found("a").RetryCount, Found("a").ResultJson));
    }

    [Fact]
    public void Stopping_now_waits_for_no_grace()
    {
        Enqueue("a");
        var worker = Start(Options with { GracePeriod = TimeSpan.FromHours(1) }, ("work", execution =>
        {
            _ = execution.Cancellation;
            Begin();
            execution.Kill.WaitHandle.WaitOne();
            return HandlerOutcome.Failure("killed");
        }));
        AwaitBegin();
        worker.Drain();
        worker.StopNow();
        worker.Await();

        Assert.Equal(QueueTaskStatus.Pending, Found("a").Status);
    }

    [Fact]
    public void A_worker_is_known_to_its_queue_while_it_works()
    {
        var worker = Start(Options with { Prefetch = 1 }, ("work", WorkerRun.Succeed), ("other", WorkerRun.Succeed));
        Eventually(() => Store.Workers.Read(Cancel).Count == 1, "the worker is known");

        var known = Store.Workers.Read(Cancel)[0];
        Assert.Equal(
            (worker.Identity, 2, Options.LeaseTime, false), (known.Identity, known.Concurrency, known.LeaseTime, known.IsDraining));
        Assert.Equal(["other", "work"], known.Types.Order(StringComparer.Ordinal));
        Assert.Equal(LivenessState.Alive, HostProcesses.LivenessOf(known.Identity).State);
    }

    [Fact]
    public void A_worker_is_asked_to_drain_or_to_stop_through_its_queue()
    {
        Enqueue("a", "b");
        var worker = Start(Options with { Concurrency = 1, GracePeriod = TimeSpan.FromHours(1) }, ("work", execution =>
        {
            Begin();
            execution.Kill.WaitHandle.WaitOne();
            return HandlerOutcome.Failure("killed");
        }));
        AwaitBegin();

        Assert.True(Store.Workers.RequestStop(worker.Identity.Id, WorkerStopMode.Drain, Act("stop worker"), Cancel));
        Eventually(() => Store.Workers.Read(Cancel).Single().IsDraining, "it says that it drains");
        Assert.False(worker.HasEnded);
        Assert.True(Store.Workers.RequestStop(worker.Identity.Id, WorkerStopMode.Force, Act("stop worker"), Cancel));
        worker.Await();

        Assert.Equal(2, Store.CountByStatus(Cancel)["pending"]);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
