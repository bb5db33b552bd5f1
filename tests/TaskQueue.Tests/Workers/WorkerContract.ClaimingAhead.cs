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
}
