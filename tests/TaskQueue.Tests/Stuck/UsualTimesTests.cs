using Xunit;

namespace TaskQueue.Tests;

/// <summary>The warning of a limit below what tasks of a type take by themselves.</summary>
public sealed class UsualTimesTests
{
    [Fact]
    public void A_limit_below_a_types_own_p99_is_remarked_with_both_figures()
    {
        using var store = Store(TimeSpan.FromHours(1.5));

        var cleanup = new StuckTaskCleanup(store);
        var plan = cleanup.Plan(new StuckPolicy { MaxAge = TimeSpan.FromHours(1) }, TestContext.Current.CancellationToken);

        var remark = Assert.Single(StuckTaskCleanup.ReportPlanOnly(plan).Remarks);
        Assert.Contains("limit of 1h", remark, StringComparison.Ordinal);
        Assert.Contains("'render'", remark, StringComparison.Ordinal);
        Assert.Contains("1.5h (p99 of 100)", remark, StringComparison.Ordinal);
        var operation = new NewOperation { Kind = "cleanup", Actor = new Actor("ops", "web02", 812, "Invoke-StuckTaskCleanup") };
        Assert.Equal([remark], cleanup.Apply(plan, plan.Stuck, null, operation, TestContext.Current.CancellationToken).Remarks);
    }

    [Theory]
    [InlineData(19, 0)]
    [InlineData(20, 1)]
    public void A_handful_of_tasks_says_nothing_of_one_in_a_hundred(int samples, int remarks)
    {
        using var store = Store(TimeSpan.FromHours(1.5), samples);

        Assert.Equal(remarks, new StuckTaskCleanup(store).Plan(new StuckPolicy(), TestContext.Current.CancellationToken).Remarks.Count);
    }

    [Fact]
    public void A_limit_above_it_is_not_remarked()
    {
        using var store = Store(TimeSpan.FromMinutes(30));

        Assert.Empty(new StuckTaskCleanup(store).Plan(new StuckPolicy(), TestContext.Current.CancellationToken).Remarks);
    }

    [Fact]
    public void What_was_stopped_because_it_hung_says_nothing_of_how_long_its_type_needs()
    {
        var hung = TestTask.In(QueueTaskStatus.Failed) with { Id = "hung", StartedAt = TestTask.Now.AddHours(-70) };
        using var store = Store(TimeSpan.FromMinutes(30), hung);

        Assert.Empty(new StuckTaskCleanup(store).Plan(new StuckPolicy(), TestContext.Current.CancellationToken).Remarks);
    }

    [Fact]
    public void A_type_of_which_nothing_is_old_enough_is_not_remarked()
    {
        using var store = Store(TimeSpan.FromHours(6));

        Assert.Empty(
            new StuckTaskCleanup(store).Plan(
                new StuckPolicy { MaxAge = TimeSpan.FromHours(5) }, TestContext.Current.CancellationToken).Remarks);
    }

    /// <summary>A task that has been running for 3 hours, and others of its type that took <paramref name="usual"/>.</summary>
    private static MemoryTaskStore Store(TimeSpan usual, params QueueTask[] others) => Store(usual, 100, others);

    private static MemoryTaskStore Store(TimeSpan usual, int samples, params QueueTask[] others)
    {
        var done = TestTask.In(QueueTaskStatus.Success);
        return new MemoryTaskStore(
        [
            TestTask.In(QueueTaskStatus.Running) with { Id = "running" },
            .. Enumerable.Range(0, samples).Select(number => done with { Id = $"done-{number}", StartedAt = done.CompletedAt - usual }),
            .. others,
        ]);
    }
}
