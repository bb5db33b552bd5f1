using System.Collections.Concurrent;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>What the death of a worker costs its tasks.</summary>
public abstract partial class WorkerContract
{
    [Fact]
    public void Only_what_had_begun_is_charged_with_the_death_of_its_worker()
    {
        Enqueue("begun", "waiting-1", "waiting-2");
        Claim(Gone(), TimeSpan.FromHours(1), "work", count: 3, beginAtOnce: 1);

        Start(UntilEmpty, ("work", WorkerRun.Succeed)).Await();

        var tasks = Store.Read(new TaskQuery(), Cancel).ToList();
        Assert.Equal([("begun", 1), ("waiting-1", 0), ("waiting-2", 0)], tasks.Select(task => (task.Id, task.Recoveries)));
        Assert.All(tasks, task => Assert.Equal(QueueTaskStatus.Success, task.Status));
    }

    [Fact]
    public void A_worker_that_had_said_that_it_ends_costs_its_task_nothing_when_it_is_killed()
    {
        var gone = Gone();
        ClaimAs(gone, "a", lease: TimeSpan.FromHours(1));
        Store.Workers.Put(RecordOf(gone) with { IsDraining = true }, Cancel);

        Start(UntilEmpty with { RecoveryBudget = 0 }, ("work", WorkerRun.Succeed)).Await();

        Assert.Equal((QueueTaskStatus.Success, 0), (Found("a").Status, Found("a").Recoveries));
    }

    [Fact]
    public void A_worker_that_drains_says_so_in_the_queue()
    {
        Enqueue("a");
        using var go = new ManualResetEventSlim();
        var worker = Start(Options with { LeaseTime = TimeSpan.FromHours(1) }, ("work", _ =>
        {
            Begin();
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        worker.Drain();

        Eventually(() => Assert.Single(Store.Workers.Read(Cancel)).IsDraining, "the queue knows that the worker drains");
        go.Set();
        worker.Await();
    }

    [Fact]
    public void What_begins_after_it_waited_at_its_worker_is_known_to_have_begun()
    {
        Enqueue("first", "second");
        using var go = new ManualResetEventSlim();
        using var end = new ManualResetEventSlim();
        var worker = Start(Options with { Concurrency = 1, Prefetch = 1 }, ("work", execution =>
        {
            Begin();
            (execution.Task.Id == "first" ? go : end).Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        Assert.NotNull(Found("first").BegunAt);
        Eventually(() => Found("second").Status is QueueTaskStatus.Running, "the second one is claimed beside it");
        Assert.Null(Found("second").BegunAt);

        go.Set();
        Eventually(() => Found("second").BegunAt is not null, "the beginning is noted");
        end.Set();
        worker.NextFinished();
        worker.NextFinished();
    }

    [Fact]
    public void A_task_under_suspicion_runs_with_nothing_beside_it()
    {
        ImportSuspects("suspect-1", "suspect-2");
        Enqueue([.. Enumerable.Range(0, 10).Select(index => NewTask($"fine-{index}"))]);
        var running = 0;
        var beside = new ConcurrentDictionary<string, int>();
        var heldBeside = new ConcurrentDictionary<string, int>();
        var begun = new ConcurrentDictionary<string, bool>();

        Start(UntilEmpty with { Concurrency = 4, Prefetch = 4 }, ("work", execution =>
        {
            Interlocked.Increment(ref running);
            if (execution.Task.Id.StartsWith("suspect", StringComparison.Ordinal))
            {
                begun[execution.Task.Id] = Found(execution.Task.Id).BegunAt is not null;
                heldBeside[execution.Task.Id] = Store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Running] }, Cancel).Count() - 1;
            }

            // Long enough that another one could begin.
            Thread.Sleep(20);
            beside[execution.Task.Id] = Volatile.Read(ref running) - 1;
            Interlocked.Decrement(ref running);
            return HandlerOutcome.Success();
        })).Await();

        Assert.Equal(12, beside.Count);
        Assert.Equal(2, begun.Count);
        Assert.All(begun.Keys, id => Assert.Equal((0, 0, true), (beside[id], heldBeside[id], begun[id])));
    }

    [Fact]
    public void A_limited_number_of_tasks_can_end_with_one_under_suspicion()
    {
        ImportSuspects("suspect-1", "suspect-2");

        var worker = Start(Options with { MaxTasks = 2 }, ("work", WorkerRun.Succeed));
        worker.Await();

        Assert.Equal(2, worker.Counts.Done);
    }

    [Fact]
    public void A_task_under_suspicion_that_waits_to_be_alone_is_given_back_when_its_worker_ends()
    {
        Enqueue("long");
        using var end = new ManualResetEventSlim();
        var worker = Start(Options, ("work", execution =>
        {
            Begin();
            end.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        ImportSuspects("suspect");
        Eventually(() => Found("suspect").Status is QueueTaskStatus.Running, "the suspect is claimed");
        worker.Drain();
        Eventually(() => Found("suspect").Status is QueueTaskStatus.Pending, "it is given back");
        end.Set();
        worker.Await();

        Assert.Equal(QueueTaskStatus.Success, Found("long").Status);
    }

    [Fact]
    public void A_task_under_suspicion_does_not_hold_up_a_worker_whose_other_task_takes_long()
    {
        Enqueue("long");
        using var end = new ManualResetEventSlim();
        var worker = Start(Options, ("work", execution =>
        {
            Begin();
            if (execution.Task.Id == "long")
            {
                end.Wait(Cancel);
            }

            return HandlerOutcome.Success();
        }));
        AwaitBegin();
        ImportSuspects("suspect");
        Eventually(() => Found("suspect").Status is QueueTaskStatus.Running, "the suspect is claimed");
        Enqueue("short");
        Eventually(() => Found("short").Status is QueueTaskStatus.Success, "others are run while the long one goes on");

        var suspect = Found("suspect");
        Assert.Equal((QueueTaskStatus.Running, QueueTaskStatus.Pending), (Found("long").Status, suspect.Status));
        Assert.True(suspect.DueAt > Store.Now);
        end.Set();
        worker.Drain();
        worker.Await();
    }

    [Fact]
    public void A_task_that_keeps_killing_its_workers_fails_in_the_end_and_says_why()
    {
        Enqueue(NewTask("a", "deadly"));
        for (var death = 0; death < 3; death++)
        {
            Claim(Gone(), TimeSpan.FromHours(1), "deadly");
            Change(new HeartbeatTask("a", Found("a").ClaimToken!.Value, null, HasBegun: true));
            Start(UntilEmpty with { RecoveryBudget = 2 }, ("work", WorkerRun.Succeed)).Await();
        }

        Assert.Equal((QueueTaskStatus.Failed, 2), (Found("a").Status, Found("a").Recoveries));
        Assert.Contains("the budget is 2", Found("a").ErrorMessage, StringComparison.Ordinal);
    }

    /// <summary>Tasks that were taken back twice from workers that died while they ran.</summary>
    private void ImportSuspects(params string[] ids)
    {
        var recovered = new RecoveryHistory().With(Store.Now, hadBegun: true).With(Store.Now, hadBegun: true);
        Store.Import(
            [.. ids.Select(id => TestTask.In(QueueTaskStatus.Pending) with { Id = id, Type = "work", RecoveryHistory = recovered })],
            new ImportOptions(),
            Act("import"),
            Cancel);
    }
}
