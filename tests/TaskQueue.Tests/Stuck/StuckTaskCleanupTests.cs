using Xunit;

namespace TaskQueue.Tests;

public sealed class StuckTaskCleanupTests
{
    private static readonly QueueTask Running = TestTask.In(QueueTaskStatus.Running);
    private static readonly BackupResult Backup = new(
        "/q/task_queue_backup_20251219_165456.db", "./task_queue.db", 96_256, 3, TimeSpan.FromSeconds(1));

    private readonly NewOperation _operation = new()
    {
        Kind = "cleanup", Actor = new Actor("ops", "web02", 812, "Invoke-StuckTaskCleanup"),
    };

    [Fact]
    public void Accepted_tasks_are_stopped_and_the_report_tells_before_and_after()
    {
        using var store = Three();
        var plan = PlanOf(store);

        var report = Apply(store, plan, plan.Stuck, () => Backup);

        Assert.Equal(["a", "b", "c"], report.Cleaned.Select(task => task.Id));
        Assert.Empty(report.Skipped);
        Assert.False(report.IsPlanOnly);
        Assert.Equal(3, report.Before["running"]);
        Assert.Equal(3, report.After!["failed"]);
        Assert.Equal(_operation.Id, report.OperationId);
        Assert.Equal(Backup.Path, report.BackupPath);
        Assert.Empty(report.Remarks);
        Assert.Equal(QueueTaskStatus.Failed, store["a"].Status);
    }

    [Fact]
    public void With_requeue_the_stopped_go_back_to_pending()
    {
        using var store = Three();
        var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy { Requeue = true }, TestContext.Current.CancellationToken);

        var report = Apply(store, plan, plan.Stuck, null);

        Assert.True(report.Requeue);
        Assert.Null(report.Backup);
        Assert.Equal(3, report.After!["pending"]);
    }

    [Fact]
    public void A_declined_task_is_reported_as_skipped()
    {
        using var store = Three();
        var plan = PlanOf(store);

        var report = Apply(store, plan, [plan.Stuck[0]], () => Backup);

        Assert.Equal(["a"], report.Cleaned.Select(task => task.Id));
        Assert.Equal([("b", "declined"), ("c", "declined")], report.Skipped.Select(task => (task.Id, task.SkipReason)));
        Assert.Equal(QueueTaskStatus.Running, store["b"].Status);
    }

    [Fact]
    public void When_all_are_declined_there_is_neither_backup_nor_write()
    {
        using var store = Three();
        var plan = PlanOf(store);

        var report = Apply(store, plan, [], () => throw new InvalidOperationException("no backup is due"));

        Assert.Equal(0, store.Writes);
        Assert.Equal(3, report.Skipped.Count);
        Assert.Null(report.Backup);
        Assert.Null(report.OperationId);
    }

    [Fact]
    public void What_changed_since_it_was_judged_is_skipped_and_listed()
    {
        using var store = Three();
        var plan = PlanOf(store);
        store["a"] = store["a"] with { LeaseExpiresAt = TestTask.Now.AddMinutes(1) };
        store["b"] = TestTask.In(QueueTaskStatus.Success) with { Id = "b" };
        store.Remove("c");

        var report = Apply(store, plan, plan.Stuck, () => Backup);

        Assert.Empty(report.Cleaned);
        Assert.Equal(
            [
                ("a", "changed since it was judged: its claim or lease is another one now"),
                ("b", "changed since it was judged: now success"),
                ("c", "changed since it was judged: removed"),
            ],
            report.Skipped.Select(task => (task.Id, task.SkipReason)));
        Assert.Null(report.OperationId);
    }

    [Fact]
    public void If_the_backup_fails_nothing_is_changed()
    {
        using var store = Three();
        var plan = PlanOf(store);

        Assert.Throws<QueueUnavailableException>(
            () => Apply(store, plan, plan.Stuck, () => throw new QueueUnavailableException("disk full")));

        Assert.Equal(0, store.Writes);
        Assert.Equal(QueueTaskStatus.Running, store["a"].Status);
    }

    [Fact]
    public void What_fails_after_the_tasks_were_stopped_is_a_warning_of_the_report_that_tells_how_to_undo_it()
    {
        using var store = Three();
        store.CountsOnlyBeforeChanges = true;
        var plan = PlanOf(store);

        var report = Apply(store, plan, plan.Stuck, () => Backup);

        Assert.Equal((3, _operation.Id, Backup.Path), (report.Cleaned.Count, report.OperationId, report.BackupPath));
        Assert.Null(report.After);
        Assert.Equal(["The tasks by status could not be counted any more: the server is gone"], report.Warnings);
        Assert.Contains(
            "warning    The tasks by status could not be counted any more", new CleanupReport(report).ToString(), StringComparison.Ordinal);
        Assert.Contains("Undo-QueueOperation", new CleanupReport(report).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_task_the_plan_left_alone_cannot_be_accepted()
    {
        using var store = Three();
        store["young"] = Running with { Id = "young", StateSince = TestTask.Now.AddMinutes(-30) };
        var plan = PlanOf(store);
        var young = Assert.Single(plan.Skipped);

        Assert.Throws<ArgumentException>(() => Apply(store, plan, [.. plan.Stuck, young], () => Backup));

        Assert.Equal(0, store.Writes);
    }

    [Fact]
    public void In_the_originals_layout_the_report_says_that_its_worker_was_not_told()
    {
        using var store = Three(QueueLayout.Original);
        var plan = PlanOf(store);

        Assert.Contains(
            "worker was not told", Assert.Single(Apply(store, plan, plan.Stuck, () => Backup).Remarks), StringComparison.Ordinal);
        Assert.Empty(Apply(store, plan, [], () => Backup).Remarks);
    }

    private static MemoryTaskStore Three(QueueLayout layout = QueueLayout.TaskQueue) =>
        new(Running with { Id = "a" }, Running with { Id = "b" }, Running with { Id = "c" })
        {
            Info = new QueueInfo { Queue = "./task_queue.db", Kind = "Memory", Layout = layout, SchemaVersion = 1 },
        };

    private static CleanupPlan PlanOf(MemoryTaskStore store) =>
        new StuckTaskCleanup(store).Plan(new StuckPolicy(), TestContext.Current.CancellationToken);

    private CleanupResult Apply(
        MemoryTaskStore store, CleanupPlan plan, IReadOnlyCollection<StuckTask> accepted, Func<BackupResult>? backup) =>
        new StuckTaskCleanup(store).Apply(plan, accepted, backup, _operation, TestContext.Current.CancellationToken);
}
