using Xunit;

namespace TaskQueue.Tests;

public sealed class QueueMeasureTests
{
    [Fact]
    public void Every_status_is_counted_the_unknown_too()
    {
        var measured = Measure(
            null,
            [.. Enum.GetValues<QueueTaskStatus>().SelectMany(
                status => Enumerable.Range(0, (int)status + 1).Select(n => Task(status, $"{status} {n}")))]);

        Assert.Equal(
            (1, 2, 3, 4, 5, 6, 7, 28),
            (
                measured.Unknown, measured.Pending, measured.Retry, measured.Running, measured.Success, measured.Failed, measured.Cancelled,
                measured.Total));
        Assert.Equal("./task_queue.db", measured.Queue);
    }

    [Fact]
    public void An_empty_queue_has_no_ages_and_no_percentiles()
    {
        var measured = Measure(null);

        Assert.Equal(0, measured.Total);
        Assert.Null(measured.OldestWaiting);
        Assert.Null(measured.OldestRunning);
        Assert.Null(measured.WaitingTime);
        Assert.Null(measured.RunningTime);
        Assert.Null(measured.FinishedPerHour);
    }

    [Fact]
    public void The_oldest_waiting_task_is_one_that_is_due()
    {
        var measured = Measure(
            null,
            Task(QueueTaskStatus.Pending, "due") with { Age = TimeSpan.FromMinutes(2), DueAt = TestTask.Now },
            Task(QueueTaskStatus.Retry, "due always") with { Age = TimeSpan.FromMinutes(3), DueAt = null },
            Task(QueueTaskStatus.Pending, "planned") with { Age = TimeSpan.FromDays(9), DueAt = TestTask.Now.AddTicks(1) },
            Task(QueueTaskStatus.Pending, "of unknown age") with { Age = null });

        Assert.Equal(TimeSpan.FromMinutes(3), measured.OldestWaiting);
        Assert.Null(measured.OldestRunning);
    }

    [Fact]
    public void The_oldest_running_task_is_told()
    {
        var measured = Measure(
            null,
            Task(QueueTaskStatus.Running, "a") with { Age = TimeSpan.FromMinutes(2) },
            Task(QueueTaskStatus.Running, "b") with { Age = TimeSpan.FromHours(66.8) },
            Task(QueueTaskStatus.Running, "c") with { Age = null });

        Assert.Equal(TimeSpan.FromHours(66.8), measured.OldestRunning);
        Assert.Null(measured.OldestWaiting);
    }

    [Fact]
    public void Waiting_counts_from_creation_or_the_due_time_if_later_and_running_from_the_start()
    {
        var measured = Measure(
            null,
            Finished("a", created: 100, due: 100, started: 90, completed: 60),
            Finished("b", created: 100, due: 70, started: 50, completed: 10),
            Finished("c", created: 100, due: null, started: 70, completed: 20));

        Assert.Equal(new Percentiles(3, Minutes(20), Minutes(30), Minutes(30), Minutes(30)), measured.WaitingTime);
        Assert.Equal(new Percentiles(3, Minutes(40), Minutes(50), Minutes(50), Minutes(50)), measured.RunningTime);
    }

    [Fact]
    public void Only_what_finished_in_the_period_makes_times_and_rate()
    {
        var measured = Measure(
            TimeSpan.FromHours(2),
            Finished("in", created: 200, due: 200, started: 150, completed: 119),
            Finished("at the edge", created: 200, due: 200, started: 150, completed: 120),
            Finished("before", created: 300, due: 300, started: 250, completed: 240));

        Assert.Equal(0.5, measured.FinishedPerHour);
        Assert.Equal(1, measured.RunningTime?.Count);
        Assert.Equal(3, measured.Total);
        Assert.Equal(TimeSpan.FromHours(2), measured.Since);
    }

    [Fact]
    public void A_task_that_never_started_or_whose_clocks_differ_tells_no_time()
    {
        var measured = Measure(
            TimeSpan.FromHours(2),
            Task(QueueTaskStatus.Cancelled, "never started") with { CompletedAt = TestTask.Now.AddMinutes(-1) },
            Finished("clocks differ", created: 30, due: 30, started: 40, completed: 50));

        Assert.Equal(0.5, measured.FinishedPerHour);
        Assert.Null(measured.WaitingTime);
        Assert.Null(measured.RunningTime);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Failed)]
    [InlineData(QueueTaskStatus.Cancelled)]
    public void Only_success_tells_how_long_a_task_runs(QueueTaskStatus status)
    {
        var measured = Measure(
            TimeSpan.FromHours(2),
            Finished("good", created: 100, due: 100, started: 90, completed: 60),
            Finished("stopped", created: 99_999, due: 99_999, started: 99_000, completed: 10) with { Status = status });

        Assert.Equal((1, Minutes(30)), (measured.RunningTime!.Count, measured.RunningTime.Max));
        Assert.Equal(measured.RunningTime, Assert.Single(measured.Types).RunningTime);
        Assert.Equal(2, measured.WaitingTime!.Count);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Success, null, 1)]
    [InlineData(QueueTaskStatus.Failed, "no such file", 1)]
    [InlineData(QueueTaskStatus.Failed, ForceCancelTask.Message, 0)]
    [InlineData(QueueTaskStatus.Failed, CleanUpStuckTask.Message, 0)]
    [InlineData(QueueTaskStatus.Cancelled, null, 0)]
    public void The_rate_counts_what_ended_by_itself(QueueTaskStatus status, string? error, double rate)
    {
        var measured = Measure(
            TimeSpan.FromHours(1),
            Finished("a", created: 50, due: 50, started: 40, completed: 10) with { Status = status, ErrorMessage = error });

        Assert.Equal(rate, measured.FinishedPerHour);
    }

    [Theory]
    [InlineData(QueueTaskStatus.Retry)]
    [InlineData(QueueTaskStatus.Unknown)]
    public void A_task_that_is_not_finished_makes_no_times_though_it_has_a_completion_time(QueueTaskStatus status)
    {
        var measured = Measure(
            TimeSpan.FromHours(2),
            Finished("a", created: 30, due: 30, started: 20, completed: 10) with { Status = status, DueAt = TestTask.Now.AddHours(1) });

        Assert.Equal(0, measured.FinishedPerHour);
        Assert.Null(measured.RunningTime);
    }

    [Fact]
    public void Only_tasks_that_match_are_measured()
    {
        using var store = new MemoryTaskStore(
            Task(QueueTaskStatus.Pending, "a"), Task(QueueTaskStatus.Pending, "b") with { Type = "publish" });

        var measured = QueueMeasure.Of(store, "publish", task => task.Type == "publish", null, TestContext.Current.CancellationToken);

        Assert.Equal((1, "publish"), (measured.Total, measured.Type));
    }

    private static QueueMeasurement Measure(TimeSpan? since, params QueueTask[] tasks)
    {
        using var store = new MemoryTaskStore(tasks);
        return QueueMeasure.Of(store, null, null, since, TestContext.Current.CancellationToken);
    }

    private static QueueTask Task(QueueTaskStatus status, string id) => TestTask.In(status) with { Id = id };

    /// <summary>A finished task whose times lie so many minutes back.</summary>
    private static QueueTask Finished(string id, int created, int? due, int started, int completed) =>
        Task(QueueTaskStatus.Success, id) with
        {
            CreatedAt = TestTask.Now.AddMinutes(-created),
            DueAt = due is { } minutes ? TestTask.Now.AddMinutes(-minutes) : null,
            StartedAt = TestTask.Now.AddMinutes(-started),
            CompletedAt = TestTask.Now.AddMinutes(-completed),
        };

    private static TimeSpan Minutes(int minutes) => TimeSpan.FromMinutes(minutes);
}
