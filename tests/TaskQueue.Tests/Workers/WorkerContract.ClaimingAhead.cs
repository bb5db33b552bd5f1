using System.Collections.Concurrent;
using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    [Fact]
    public void What_waits_in_a_worker_goes_back_when_its_handlers_become_slow()
    {
        Enqueue([.. Enumerable.Range(0, 400).Select(number => $"t{number}")]);
        using var go = new ManualResetEventSlim();
        var worker = Start(UntilEmpty with { Concurrency = 1 }, ("work", execution =>
        {
            if (execution.Task.Id == "t200")
            {
                Begin();
                go.Wait(Cancel);
            }

            return HandlerOutcome.Success();
        }));
        AwaitBegin();

        Eventually(
            () => Store.CountByStatus(Cancel) is var counts && counts["running"] == 1 && counts["pending"] == 199,
            "nothing is held beside the slow task");
        Assert.All(
            Store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending] }, Cancel),
            task => Assert.Equal((0, 0), (task.RetryCount, task.Recoveries)));
        go.Set();
        worker.Await();
        Assert.Equal(400, Store.CountByStatus(Cancel)["success"]);
    }

    [Fact]
    public void What_waits_goes_back_when_handlers_take_longer_though_they_go_on()
    {
        var time = new SteppedTime();
        using var next = new SemaphoreSlim(0);
        var worker = Start(Options with { Concurrency = 1, Time = time }, ("work", execution =>
        {
            if (execution.Task.Id != "first")
            {
                Begin();
                next.Wait(Cancel);
                time.Advance(TimeSpan.FromMilliseconds(90));
            }

            return HandlerOutcome.Success();
        }));
        ClaimAllAhead(200);

        next.Release();
        AwaitBegin();

        Eventually(() => Store.CountByStatus(Cancel).GetValueOrDefault("pending") >= 150, "most of them are given back");
        Assert.All(
            Store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending] }, Cancel),
            task => Assert.Equal((0, 0, 0), (task.Attempt, task.RetryCount, task.Recoveries)));
        next.Release(200);
        Eventually(() => Store.CountByStatus(Cancel).GetValueOrDefault("success") == 201, "all are run");
        worker.Drain();
        worker.Await();
    }

    [Fact]
    public void What_waits_beside_a_task_under_suspicion_goes_back_when_handlers_become_slow()
    {
        var time = new SteppedTime();
        using var go = new ManualResetEventSlim();
        var worker = Start(Options with { Concurrency = 1, Time = time }, ("work", execution =>
        {
            if (execution.Task.Id != "first")
            {
                Begin();
                go.Wait(Cancel);
            }

            return HandlerOutcome.Success();
        }));
        ClaimAllAhead(100);
        ImportSuspects("suspect");
        Eventually(() => Found("suspect").Status is QueueTaskStatus.Running, "the suspect is claimed");

        time.Advance(TimeSpan.FromSeconds(1));

        Eventually(
            () => Store.CountByStatus(Cancel) is var counts && counts["running"] == 2 && counts.GetValueOrDefault("pending") == 99,
            "nothing but the suspect waits beside what runs");
        Assert.Equal(QueueTaskStatus.Running, Found("suspect").Status);
        go.Set();
        Eventually(() => Store.CountByStatus(Cancel).GetValueOrDefault("success") == 102, "all are run");
        worker.Drain();
        worker.Await();
    }

    [Fact]
    public void What_waits_does_not_begin_once_its_lease_has_run_out()
    {
        Enqueue("a", "b");
        using var source = new ForwardingSource(Store);
        using var end = new ManualResetEventSlim();
        ConcurrentQueue<string> begun = [];
        using var worker = new WorkerRun(
            source,
            Options with { Concurrency = 1, Prefetch = 1, LeaseTime = TimeSpan.FromSeconds(2) },
            ("work", execution =>
            {
                begun.Enqueue(execution.Task.Id);
                Begin();
                end.Wait(Cancel);
                return HandlerOutcome.Success();
            }));
        AwaitBegin();
        Eventually(() => Found("b").Status is QueueTaskStatus.Running, "b waits in the worker");
        source.RefusesChanges = true;
        Eventually(() => Store.Now > Found("b").LeaseExpiresAt + TimeSpan.FromSeconds(1), "the leases have run out");

        end.Set();
        var calls = source.Calls["Change"];
        Eventually(() => source.Calls["Change"] >= calls + 5, "the worker tries to renew them");
        Assert.Equal(["a"], begun);
        Change(new ForceCancelTask("b"));
        source.RefusesChanges = false;
        Eventually(() => Found("a").Status is QueueTaskStatus.Success, "the worker goes on");
        worker.Drain();
        worker.Await();

        Assert.Equal(["a"], begun);
    }

    [Fact]
    public void No_worker_keeps_tasks_that_another_one_could_run()
    {
        Enqueue([.. Enumerable.Range(0, 100).Select(number => $"t{number}")]);
        using var together = new Barrier(2);
        // Each task waits for one that runs beside it, which only the other worker can do.
        var workers = Enumerable.Range(0, 2).Select(_ => Start(Options with { Concurrency = 1 }, ("work", _ =>
            together.SignalAndWait(HangGuard.Longest, Cancel)
                ? HandlerOutcome.Success()
                : HandlerOutcome.Failure("No other task ran beside it.")))).ToList();

        Eventually(() => Store.CountByStatus(Cancel).GetValueOrDefault("success") == 100, "each task ran beside another one");
        workers.ForEach(worker => worker.Drain());
        workers.ForEach(worker => worker.Await());
    }

    [Fact]
    public void Short_tasks_are_claimed_many_at_a_time()
    {
        Enqueue([.. Enumerable.Range(0, 300).Select(number => $"t{number}")]);
        using var source = new ForwardingSource(Store);
        using var worker = new WorkerRun(source, UntilEmpty with { Concurrency = 1 }, ("work", WorkerRun.Succeed));
        worker.Await();

        Assert.InRange(source.Calls["Claim"], 1, 299);
    }

    /// <summary>Has a worker whose clock stands hold so many tasks: the first of them runs, and all others wait for its slot.</summary>
    private void ClaimAllAhead(int count)
    {
        // One that shows how fast the handler is.
        Enqueue("first");
        Eventually(() => Found("first").Status is QueueTaskStatus.Success, "the worker knows its handler");
        Enqueue([.. Enumerable.Range(0, count).Select(number => $"t{number}")]);
        AwaitBegin();
        Eventually(() => Store.CountByStatus(Cancel)["running"] == count, "all are held");
    }
}
