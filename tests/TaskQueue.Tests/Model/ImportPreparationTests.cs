using Xunit;

namespace TaskQueue.Tests;

public sealed class ImportPreparationTests
{
    private static readonly QueueTask Running = TestTask.In(QueueTaskStatus.Running);

    public static TheoryData<QueueTaskStatus, RunningTasks> Cases =>
        new MatrixTheoryData<QueueTaskStatus, RunningTasks>(StatusNames.All, Enum.GetValues<RunningTasks>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_claim_and_no_judgement_is_ever_carried_over(QueueTaskStatus status, RunningTasks running)
    {
        var imported = Prepare(
            TestTask.In(status) with { ClaimToken = TestTask.Token, LeaseExpiresAt = TestTask.Now.AddDays(1), Remark = "odd" }, running);

        Assert.Null(imported.ClaimToken);
        Assert.Null(imported.Verdict);
        Assert.Null(imported.Evidence);
        Assert.Null(imported.Remark);
        Assert.False(imported.LeaseExpiresAt > TestTask.Now);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Pending)]
    [InlineData(QueueTaskStatus.Retry)]
    [InlineData(QueueTaskStatus.Success)]
    [InlineData(QueueTaskStatus.Failed)]
    [InlineData(QueueTaskStatus.Cancelled)]
    public void A_task_that_does_not_run_keeps_its_full_state(QueueTaskStatus status)
    {
        var task = TestTask.In(status);

        Assert.Equal(task with { ClaimToken = null }, Prepare(task, RunningTasks.Fail));
    }

    [Fact]
    public void A_running_task_goes_back_to_pending_by_default()
    {
        var imported = ImportPreparation.Prepare(Running, new ImportOptions(), TestTask.Now);

        Assert.Equal(QueueTaskStatus.Pending, imported.Status);
        Assert.Equal("pending", imported.StatusText);
        Assert.Equal((TestTask.Now, TestTask.Now), (imported.DueAt, imported.StateSince));
        Assert.Equal(
            (Running.Attempt, Running.RetryCount, Running.Recoveries), (imported.Attempt, imported.RetryCount, imported.Recoveries));
        Assert.Null(imported.StartedAt);
        Assert.Null(imported.LeaseExpiresAt);
    }

    [Fact]
    public void A_running_task_can_be_imported_as_failed_and_says_why()
    {
        var imported = Prepare(Running, RunningTasks.Fail);

        Assert.Equal(QueueTaskStatus.Failed, imported.Status);
        Assert.Equal("Was running when its queue was copied or restored", imported.ErrorMessage);
        Assert.Equal(TestTask.Now, imported.CompletedAt);
        Assert.Null(imported.LeaseExpiresAt);
    }

    [Theory]
    [InlineData(-60, -60)]
    [InlineData(60, 0)]
    [InlineData(null, null)]
    public void A_running_task_that_stays_so_has_no_lease_beyond_now(int? leaseMinutes, int? expectedMinutes)
    {
        var task = Running with { LeaseExpiresAt = leaseMinutes is { } minutes ? TestTask.Now.AddMinutes(minutes) : null };

        var imported = Prepare(task, RunningTasks.Keep);

        Assert.Equal(QueueTaskStatus.Running, imported.Status);
        Assert.Equal(Running.StateSince, imported.StateSince);
        Assert.Equal(expectedMinutes is { } expected ? TestTask.Now.AddMinutes(expected) : null, imported.LeaseExpiresAt);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Running)]
    [InlineData(QueueTaskStatus.Success)]
    public void The_workers_name_is_taken_over_and_the_worker_is_not(QueueTaskStatus status)
    {
        // A worker of that id may live here too, where the task came from a backup of this queue: it holds the task no more.
        var imported = Prepare(TestTask.In(status) with { WorkerId = Guid.NewGuid() }, RunningTasks.Keep);

        Assert.Equal(("web01:4711", null), (imported.Worker, imported.WorkerId));
    }

    [Fact]
    public void A_kept_running_task_is_cleaned_up_here_like_any_other()
    {
        var imported = Prepare(Running with { LeaseExpiresAt = TestTask.Now.AddMinutes(5) }, RunningTasks.Keep);

        var judged = StuckJudge.Judge(imported, Liveness.Unknown, TestTask.Now, StuckPolicy.DefaultMaxAge);

        Assert.Equal((StuckVerdict.Dead, true), (judged.Verdict, judged.IsOldEnough));
        Assert.Equal(TaskOutcomeKind.Applied, new CleanUpStuckTask(judged, Requeue: false).Apply(imported, TestTask.Now).Outcome);
    }

    public static TheoryData<QueueTask> Invalid =>
    [
        Running with { Id = "" },
        Running with { Type = "" },
        Running with { Priority = 11 },
        Running with { MaxRetries = -1 },
        Running with { RetryCount = -1 },
        Running with { Attempt = -1 },
        Running with { Recoveries = -1 },
        Running with { StateSince = null },
        TestTask.In(QueueTaskStatus.Unknown),
    ];

    [Theory]
    [MemberData(nameof(Invalid), DisableDiscoveryEnumeration = true)]
    public void A_task_no_queue_should_hold_is_refused(QueueTask task)
    {
        Assert.Throws<TaskValidationException>(() => Prepare(task, RunningTasks.Keep));
    }

    [Theory]
    [InlineData(RunningTasks.Requeue)]
    [InlineData(RunningTasks.Fail)]
    public void A_running_task_of_unknown_age_is_taken_over_where_its_age_starts_again(RunningTasks running)
    {
        var imported = Prepare(Running with { StateSince = null }, running);

        Assert.Equal(TestTask.Now, imported.StateSince);
    }

    [Fact]
    public void Data_that_is_no_JSON_is_taken_over_as_it_is()
    {
        Assert.Equal("{broken", Prepare(TestTask.In(QueueTaskStatus.Pending) with { DataJson = "{broken" }, RunningTasks.Requeue).DataJson);
    }

    private static QueueTask Prepare(QueueTask task, RunningTasks running) =>
        ImportPreparation.Prepare(task, new ImportOptions { Running = running }, TestTask.Now);
}
