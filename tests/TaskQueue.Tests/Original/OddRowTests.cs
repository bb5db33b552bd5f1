using System.Text;
using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class OddRowTests : IDisposable
{
    private const string Updated = "2025-12-16 14:07:13";

    private static readonly DateTimeOffset UpdatedAt = new(2025, 12, 16, 14, 7, 13, TimeSpan.Zero);

    private readonly OriginalFile _file = OriginalFile.Empty();

    public OddRowTests() => _file.AddRunning("usual", "2025-12-16T22:07:13.868950");

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData(null, "started_at missing; age judged by updated_at")]
    [InlineData("yesterday", "age judged by updated_at; started_at unreadable")]
    [InlineData(1734682941L, "age judged by updated_at; started_at unreadable")]
    [InlineData(2.5, "age judged by updated_at; started_at unreadable")]
    public void A_running_task_without_a_readable_start_is_judged_by_updated_at_and_says_so(object? started, string remark)
    {
        var task = Read(("status", "running"), ("started_at", started), ("updated_at", Updated));
        Assert.Null(task.StartedAt);
        Assert.Equal(UpdatedAt, task.StateSince);
        Assert.Equal(remark, task.Remark);
        Assert.Contains(
            "age judged by updated_at", StuckJudge.Judge(task, Liveness.Unknown, UpdatedAt, TimeSpan.FromHours(1)).Evidence,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_running_task_without_any_readable_time_has_no_age_and_is_left_alone()
    {
        var task = Read(("status", "running"), ("started_at", null), ("updated_at", null));
        Assert.Null(task.StateSince);
        Assert.Null(task.Age);
        using var store = _file.Open();
        var plan = new StuckTaskCleanup(store).Plan(new StuckPolicy(), CancellationToken.None);
        Assert.Equal("odd", Assert.Single(plan.Skipped).Id);
        Assert.Equal("usual", Assert.Single(plan.Stuck).Id);
    }

    [Fact]
    public void A_start_in_utc_with_a_fraction_is_read()
    {
        var task = Read(("status", "running"), ("started_at", "2025-12-16 14:07:13.25"), ("updated_at", Updated));
        Assert.Equal(UpdatedAt.AddMilliseconds(250), task.StartedAt);
        Assert.Null(task.Remark);
    }

    [Theory]
    [InlineData("high", 5, "priority unreadable: taken as 5")]
    [InlineData(null, 5, null)]
    [InlineData("3", 3, null)]
    [InlineData(2.5, 2, null)]
    [InlineData(99999999999L, 5, "priority unreadable: taken as 5")]
    public void An_odd_priority_is_read_as_well_as_it_can_be(object? stored, int priority, string? remark)
    {
        var task = Read(("priority", stored), ("created_at", Updated));
        Assert.Equal(priority, task.Priority);
        Assert.Equal(remark, task.Remark);
    }

    [Fact]
    public void Missing_counts_have_the_layouts_defaults()
    {
        var task = Read(("retry_count", null), ("max_retries", null));
        Assert.Equal((0, 3), (task.RetryCount, task.MaxRetries));
    }

    [Theory]
    [InlineData("paused", "paused")]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("Running", "Running")]
    public void An_unknown_status_is_kept_and_no_operator_command_takes_it(string? stored, string text)
    {
        var task = Read(("status", stored));
        Assert.Equal((QueueTaskStatus.Unknown, text), (task.Status, task.StatusText));
        using var store = _file.Open(forWriting: true);
        TaskChange[] changes = [
            new CancelTask("odd"), new ForceCancelTask("odd"), new RestartTask("odd"), new RemoveTask("odd", Force: true),
        ];
        Assert.All(
            store.Change(changes, new NewOperation { Kind = "test", Actor = Actor.Current("test") }, CancellationToken.None),
            outcome => Assert.Equal(TaskOutcomeKind.WrongStatus, outcome.Kind));
        Assert.Equal("odd", Assert.Single(store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Unknown] }, CancellationToken.None)).Id);
        Assert.Equal("usual", Assert.Single(store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Running] }, CancellationToken.None)).Id);
    }

    [Fact]
    public void Statuses_that_read_alike_are_counted_together()
    {
        _file.Add(("task_id", "a"), ("status", null));
        _file.Add(("task_id", "b"), ("status", ""));
        _file.Add(("task_id", "c"), ("status", "running"u8.ToArray()));
        _file.Add(("task_id", "d"), ("status", new byte[] { 0xFF }));
        _file.Execute(
            "INSERT INTO task_queue (task_id, task_type, status) VALUES ('e', 'publish', CAST(x'FF' AS TEXT)), ('f', "
                + "'publish', CAST(x'FE' AS TEXT))");
        using var store = _file.Open();
        var counts = store.CountByStatus(CancellationToken.None);
        Assert.Equal((2, 2), (counts[""], counts["running"]));
        Assert.Equal(7, counts.Values.Sum());
        Assert.Equal(7, store.Read(new TaskQuery(), CancellationToken.None).Count());
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("{bad", "{bad")]
    [InlineData("", "")]
    public void Data_that_are_no_json_stay_text(string? stored, string? data)
    {
        var task = Read(("data", stored));
        Assert.Equal(data, task.DataJson);
        Assert.Equal(data, task.Data);
    }

    [Fact]
    public void Blobs_numbers_and_broken_text_are_read_where_text_is_expected()
    {
        _file.Add(
            ("task_id", "odd"), ("task_type", Encoding.UTF8.GetBytes("发布")), ("data", """{"a": 1}"""u8.ToArray()), ("error_message", 17L),
            ("status", "failed"),
            ("created_at", Encoding.UTF8.GetBytes(Updated)), ("completed_at", new byte[] { 0xFF, 0x00 }), ("updated_at", Updated));
        _file.Execute(
            "INSERT INTO task_queue (task_id, task_type, data) VALUES (CAST(x'61FF' AS TEXT), CAST(x'C3' AS TEXT), "
                + "CAST(x'7B22C3227D' AS TEXT))");
        using var store = _file.Open();
        var tasks = store.Read(new TaskQuery(), CancellationToken.None).ToList();

        Assert.Equal(["usual", "odd", "a\uFFFD"], tasks.Select(task => task.Id));
        Assert.Equal(("发布", """{"a": 1}""", "17"), (tasks[1].Type, tasks[1].DataJson, tasks[1].ErrorMessage));
        Assert.Equal((UpdatedAt, UpdatedAt), (tasks[1].CreatedAt!.Value, tasks[1].StateSince!.Value));
        Assert.Equal("age judged by updated_at; completed_at unreadable", tasks[1].Remark);
    }

    [Fact]
    public void An_odd_row_can_be_stopped_and_keeps_its_oddities()
    {
        _file.Add(
            ("task_id", "odd"), ("status", "running"), ("priority", "high"), ("retry_count", null), ("data", null), ("started_at", "noon"),
            ("updated_at", Updated));
        using (var store = _file.Open(forWriting: true))
        {
            var cleanup = new StuckTaskCleanup(store);
            var plan = cleanup.Plan(new StuckPolicy(), CancellationToken.None);
            var report = cleanup.Apply(
                plan, plan.Stuck, null, new NewOperation { Kind = "cleanup", Actor = Actor.Current("test") }, CancellationToken.None);
            Assert.Equal(["usual", "odd"], report.Cleaned.Select(task => task.Id));
        }

        var row = _file.Row("odd");
        Assert.Equal(
            ("'failed'", "'high'", "NULL", "NULL", "'noon'"),
            (row["status"], row["priority"], row["retry_count"], row["data"], row["started_at"]));
    }

    private QueueTask Read(params (string, object?)[] columns)
    {
        _file.Add([("task_id", "odd"), .. columns]);
        using var store = _file.Open();
        Assert.Equal(2, store.Read(new TaskQuery(), CancellationToken.None).Count());
        return store.Find("odd", CancellationToken.None)!;
    }
}
