using Xunit;

namespace TaskQueue.Tests;

public sealed class CleanupPlanTests
{
    private static readonly QueueTask Running = TestTask.In(QueueTaskStatus.Running);

    private static readonly QueueTask[] Tasks =
    [
        Running with { Id = "1 dead" },
        Running with { Id = "2 dead and young", StateSince = TestTask.Now.AddMinutes(-30) },
        Running with { Id = "3 slow", LeaseExpiresAt = TestTask.Now.AddMinutes(1) },
        Running with { Id = "4 silent", LeaseExpiresAt = null, HeartbeatAt = null, Type = "publish" },
        Running with { Id = "5 unknown age", StateSince = null },
        Running with { Id = "6 from the future", StateSince = TestTask.Now.AddHours(2) },
        TestTask.In(QueueTaskStatus.Pending) with { Id = "7 pending" },
        TestTask.In(QueueTaskStatus.Unknown) with { Id = "8 paused" },
    ];

    [Fact]
    public void The_dead_and_the_silent_are_cleaned_and_the_rest_is_skipped_with_its_reason()
    {
        var plan = Plan(new StuckPolicy());

        Assert.Equal(["1 dead", "4 silent"], plan.Stuck.Select(task => task.Id));
        Assert.Equal(
            [
                ("2 dead and young", "younger than 1h"),
                ("3 slow", "its worker lives"),
                ("5 unknown age", "age unknown: no time of its row can be read"),
                ("6 from the future", "age unknown: it began in the future, so the clock was set or another one wrote it"),
            ],
            plan.Skipped.Select(task => (task.Id, task.SkipReason)));
        Assert.Equal(
            ("3 slow", new Advice.IncludeVerdict(StuckVerdict.Slow)),
            plan.Skipped.Where(task => task.SkipAdvice is not null).Select(task => (task.Id, task.SkipAdvice)).Single());
        Assert.Equal(6, plan.Found.Count);
        Assert.Equal((1, 6, 1), (plan.Counts["pending"], plan.Counts["running"], plan.Counts["paused"]));
        Assert.Equal(("./task_queue.db", TestTask.Now), (plan.Queue, plan.JudgedAt));
    }

    [Fact]
    public void Slow_tasks_are_cleaned_when_asked_for()
    {
        var plan = Plan(new StuckPolicy { IncludeLive = true });

        Assert.Equal(["1 dead", "3 slow", "4 silent"], plan.Stuck.Select(task => task.Id));
    }

    [Fact]
    public void Stalled_tasks_are_cleaned_when_asked_for_and_those_of_a_worker_that_is_gone_always()
    {
        var (alive, gone) = (Guid.NewGuid(), Guid.NewGuid());
        using var store = new MemoryTaskStore(
            Running with { Id = "gone", WorkerId = gone, LeaseExpiresAt = TestTask.Now.AddMinutes(1) },
            Running with { Id = "stalled", WorkerId = alive },
            Running with { Id = "of a worker unknown here", WorkerId = Guid.NewGuid() })
        {
            Workers = new MemoryWorkers(alive, gone),
        };

        var plan = PlanOf(new StuckPolicy());
        Assert.Equal(["gone", "of a worker unknown here"], plan.Stuck.Select(task => task.Id));
        Assert.Equal(
            ("stalled", "its worker lives", new Advice.IncludeVerdict(StuckVerdict.Stalled)),
            (plan.Skipped[0].Id, plan.Skipped[0].SkipReason, plan.Skipped[0].SkipAdvice));
        Assert.Empty(PlanOf(new StuckPolicy { IncludeStalled = true }).Skipped);
        Assert.Single(PlanOf(new StuckPolicy { IncludeLive = true }).Skipped);

        CleanupPlan PlanOf(StuckPolicy policy) =>
            new StuckTaskCleanup(store, new WorkerDirectory(store, LivenessOf)).Plan(policy, TestContext.Current.CancellationToken);

        Liveness LivenessOf(WorkerIdentity worker) => new(worker.Id == gone ? LivenessState.Gone : LivenessState.Alive, worker.Name);
    }

    [Fact]
    public void Nothing_younger_than_the_limit_is_touched_whatever_its_verdict()
    {
        var plan = Plan(new StuckPolicy { MaxAge = TimeSpan.FromHours(4), IncludeLive = true });

        Assert.Empty(plan.Stuck);
        Assert.Contains(plan.Skipped, task => task is { Id: "1 dead", Verdict: StuckVerdict.Dead, SkipReason: "younger than 4h" });
    }

    [Fact]
    public void Even_without_a_limit_the_future_and_the_unknown_are_left_alone()
    {
        var plan = Plan(new StuckPolicy { MaxAge = TimeSpan.Zero, IncludeLive = true });

        Assert.Equal(["5 unknown age", "6 from the future"], plan.Skipped.Select(task => task.Id));
    }

    [Fact]
    public void Only_tasks_that_match_are_looked_at()
    {
        var plan = Plan(new StuckPolicy { Matches = task => task.Type == "publish" });

        Assert.Equal(["4 silent"], plan.Found.Select(task => task.Id));
    }

    [Fact]
    public void A_plan_changes_nothing_and_its_report_says_so()
    {
        using var store = new MemoryTaskStore(Tasks);

        var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy { Requeue = true }, TestContext.Current.CancellationToken);
        var report = StuckTaskCleanup.ReportPlanOnly(plan);

        Assert.Equal(0, store.Writes);
        Assert.True(report.IsPlanOnly);
        Assert.True(report.Requeue);
        Assert.Empty(report.Cleaned);
        Assert.Equal(2, report.Stuck.Count);
        Assert.Null(report.Backup);
        Assert.Null(report.After);
        Assert.Null(report.OperationId);
    }

    private static CleanupPlan Plan(StuckPolicy policy)
    {
        using var store = new MemoryTaskStore(Tasks);
        return new StuckTaskCleanup(store).Plan(policy, TestContext.Current.CancellationToken);
    }
}
