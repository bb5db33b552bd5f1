using Xunit;

namespace TaskQueue.Tests.Original;

/// <summary>Each operation, column by column.</summary>
public sealed class OperationTests : IDisposable
{
    private const string Now = "'2025-12-19 08:54:56'";

    private readonly OriginalFile _file = OriginalFile.Empty();
    private readonly string _frame;

    public OperationTests()
    {
        _frame = _file.Frame();
        _file.AddPending("waiting", new DateTime(2025, 12, 19, 10, 0, 0));
        _file.AddRunning("running", "2025-12-16T22:07:13.868950");
        _file.AddFinished("failed", "failed", new DateTime(2025, 12, 18, 10, 0, 0));
        _file.AddFinished("success", "success", new DateTime(2025, 12, 18, 11, 0, 0));
        _file.Execute("UPDATE task_queue SET retry_count = 2 WHERE task_id = 'failed'");
    }

    public void Dispose()
    {
        var frame = _file.Frame();
        var check = _file.Value("PRAGMA integrity_check");
        _file.Dispose();
        Assert.Equal(_frame, frame);
        Assert.Equal("'ok'", check);
    }

    [Fact]
    public void Cancel_leaves_completed_at_empty()
    {
        var task = Apply(new CancelTask("waiting"), ("status", "'cancelled'"), ("updated_at", Now));
        Assert.Null(task.CompletedAt);
        Assert.Equal((OriginalDatabase.Incident, TimeSpan.Zero), (task.StateSince!.Value, task.Age!.Value));
    }

    [Theory]
    [InlineData("waiting")]
    [InlineData("running")]
    public void Force_cancel_fails_the_task_with_times_in_utc(string id) => Apply(
        new ForceCancelTask(id),
        ("status", "'failed'"), ("error_message", "'Force cancelled by user'"), ("completed_at", Now), ("updated_at", Now));

    [Fact]
    public void Cleanup_fails_the_task_with_times_in_utc() => Apply(
        Judged(requeue: false),
        ("status", "'failed'"), ("error_message", "'Force terminated - stuck in running status'"), ("completed_at", Now),
        ("updated_at", Now));

    [Fact]
    public void Cleanup_with_requeue_makes_it_pending_as_if_never_started() => Apply(
        Judged(requeue: true), ("status", "'pending'"), ("started_at", "NULL"), ("updated_at", Now));

    [Theory]
    [InlineData("failed")]
    [InlineData("success")]
    public void Restart_clears_what_the_last_run_left(string id) => Apply(
        new RestartTask(id),
        ("status", "'pending'"), ("retry_count", "0"), ("started_at", "NULL"), ("completed_at", "NULL"), ("result", "NULL"),
        ("error_message", "NULL"), ("updated_at", Now));

    [Fact]
    public void Set_writes_what_is_given_and_json_in_ascii() => Apply(
        new SetTask("waiting") { Priority = 1, MaxRetries = 9, DataJson = """{"标题": "🍂\n"}""" },
        ("priority", "1"), ("max_retries", "9"), ("data", """'{"\u6807\u9898": "\ud83c\udf42\n"}'"""), ("updated_at", Now));

    [Fact]
    public void Remove_deletes_the_row_and_keeps_it_to_the_letter_in_the_trash()
    {
        _file.Execute("UPDATE task_queue SET priority = 'high', data = x'FF00' WHERE task_id = 'failed'");
        var row = _file.Row("failed");
        using (var store = _file.Open(forWriting: true))
        {
            Assert.Equal(TaskOutcomeKind.Applied, Change(store, new RemoveTask("failed")).Kind);
            Assert.Null(store.Find("failed", CancellationToken.None));
            Assert.Equal(TaskOutcomeKind.Applied, Change(store, new RemoveTask("success", KeepForUndo: false)).Kind);
        }

        var trashed = Assert.Single(_file.LogRows("SELECT * FROM trash"));
        Assert.Equal(
            row.OrderBy(pair => pair.Key), trashed.Where(pair => pair.Key is not ("removed_at" or "operation")).OrderBy(pair => pair.Key));
    }

    [Fact]
    public void Enqueue_writes_the_row_as_the_original_does()
    {
        _file.Time.Now = OriginalDatabase.Incident.AddMilliseconds(123);
        using (var store = _file.Open(forWriting: true))
        {
            NewTask[] tasks = [
                new() { Id = "new", Type = "publish", DataJson = """{"t": "秋"}""" }, new() { Id = "new", Type = "publish" },
                new() { Id = "bare", Type = "publish" },
            ];
            Assert.Equal(
                [TaskOutcomeKind.Applied, TaskOutcomeKind.Duplicate, TaskOutcomeKind.Applied],
                store.Enqueue(tasks, CancellationToken.None).Select(outcome => outcome.Kind));
            Assert.Equal(_file.Time.Now, store.Find("new", CancellationToken.None)!.CreatedAt);
        }

        Assert.Equal(
            """5 'new' 'publish' 5 'pending' '{"t": "\u79cb"}' NULL NULL 0 3 '2025-12-19T16:54:56.123000' NULL NULL '2025-12-19 08:54:56'""", string.Join(' ', _file.Row("new").Values));
        Assert.Equal("'{}'", _file.Row("bare")["data"]);
        Assert.False(File.Exists(_file.LogLocation));
    }

    [Fact]
    public void Enqueue_without_a_known_offset_is_refused_and_names_the_option()
    {
        using var empty = OriginalFile.Empty();
        using (var store = empty.Open(forWriting: true))
        {
            var error = Assert.Throws<QueueUnavailableException>(
                () => store.Enqueue([new NewTask { Type = "publish" }], CancellationToken.None));
            Assert.IsType<Advice.GiveUtcOffset>(error.Advice);
        }

        using (var store = empty.Open(forWriting: true, utcOffset: TimeSpan.FromHours(-5)))
        {
            store.Enqueue([new NewTask { Id = "new", Type = "publish" }], CancellationToken.None);
        }

        Assert.Equal("'2025-12-19T03:54:56'", empty.Row("new")["created_at"]);
    }

    [Fact]
    public void A_task_that_changed_since_it_was_read_is_left_alone()
    {
        using var store = _file.Open(forWriting: true);
        var read = store.Find("running", CancellationToken.None)!;
        _file.Execute("UPDATE task_queue SET updated_at = '2025-12-19 08:54:55' WHERE task_id = 'running'");
        var before = _file.Tasks();
        Assert.Equal(TaskOutcomeKind.Superseded, Change(store, new ForceCancelTask("running", read.Revision)).Kind);
        Assert.Equal(before, _file.Tasks());
        Assert.Equal(TaskOutcomeKind.Applied, Change(store, new ForceCancelTask("running")).Kind);
    }

    [Theory]
    [InlineData("UPDATE task_queue SET retry_count = NULL WHERE task_id = 'running'")]
    [InlineData("UPDATE task_queue SET retry_count = 1 WHERE task_id = 'running'")]
    [InlineData("UPDATE task_queue SET started_at = '' WHERE task_id = 'running'")]
    [InlineData("UPDATE task_queue SET id = 99 WHERE task_id = 'running'")]
    public void Each_column_of_the_recheck_counts_to_the_letter(string sql)
    {
        using var store = _file.Open();
        var read = store.Find("running", CancellationToken.None)!.Revision;
        _file.Execute(sql);
        Assert.NotEqual(read, store.Find("running", CancellationToken.None)!.Revision);
    }

    [Fact]
    public void A_plans_task_that_ended_meanwhile_is_skipped_and_listed()
    {
        _file.AddRunning("other", "2025-12-16T22:08:13.868950");
        using var store = _file.Open(forWriting: true);
        var cleanup = new StuckTaskCleanup(store);
        var plan = cleanup.Plan(new StuckPolicy(), CancellationToken.None);
        _file.Execute("UPDATE task_queue SET status = 'success' WHERE task_id = 'running'");
        var report = cleanup.Apply(plan, plan.Stuck, null, Test, CancellationToken.None);
        Assert.Equal("other", Assert.Single(report.Cleaned).Id);
        Assert.Equal("changed since it was judged: now success", Assert.Single(report.Skipped).SkipReason);
    }

    [Fact]
    public void What_needs_new_columns_is_refused_by_name()
    {
        var before = _file.Tasks();
        using var store = _file.Open(forWriting: true);
        var token = Guid.NewGuid();
        var task = store.Find("waiting", CancellationToken.None)!;
        Action[] refused =
        [
            () => store.Claim(
                new ClaimRequest { Types = ["publish"], Tokens = [token], Worker = "w", LeaseTime = TimeSpan.FromMinutes(1) },
                CancellationToken.None),
            () => Change(store, new HeartbeatTask("running", token, TimeSpan.FromMinutes(1))),
            () => Change(store, new CompleteTask("running", token)),
            () => Change(store, new FailTask("running", token, "boom", TimeSpan.Zero)),
            () => Change(store, new ReleaseTask("running", token)),
            () => Change(store, new RecoverTask("running", token, OriginalDatabase.Incident, 3)),
            () => Change(store, new ClaimTask("waiting", token, "w", TimeSpan.FromMinutes(1))),
            () => Change(store, new SetTask("waiting") { DueAt = OriginalDatabase.Incident }),
            () => Change(store, new RestartTask("failed", Delay: TimeSpan.FromMinutes(1))),
            () => store.Enqueue([new NewTask { Type = "publish", DueAt = OriginalDatabase.Incident }], CancellationToken.None),
            () => store.Enqueue([new NewTask { Type = "publish", Delay = TimeSpan.FromMinutes(1) }], CancellationToken.None),
            () => store.Enqueue([new NewTask { Type = "publish", Timeout = TimeSpan.FromMinutes(1) }], CancellationToken.None),
            () => store.Workers.Put(new WorkerRecord
            {
                Identity = new WorkerIdentity { Id = token, Machine = "web01", ProcessId = 1, User = "ops" },
                LeaseTime = TimeSpan.FromMinutes(1), Concurrency = 1, Types = [],
            }, CancellationToken.None),
            () => store.Workers.Remove(token, CancellationToken.None),
            () => store.Workers.Prune(OriginalDatabase.Incident, CancellationToken.None),
            () => store.Workers.RequestStop(token, WorkerStopMode.Drain, Test, CancellationToken.None),
            () => store.Workers.TakeStops(token, CancellationToken.None),
            () => store.Workers.ConfirmStops([], Test, CancellationToken.None),
            () => store.Import([task], new ImportOptions(), Test, CancellationToken.None),
        ];
        Assert.All(refused, action => Assert.IsType<Advice.MoveToNativeLayout>(Assert.Throws<LayoutNotSupportedException>(action).Advice));
        Assert.Equal(before, _file.Tasks());
        Assert.False(File.Exists(_file.LogLocation));
    }

    [Fact]
    public void Of_workers_and_due_times_there_is_nothing_to_read()
    {
        using var store = _file.Open();

        Assert.Empty(store.Workers.Read(CancellationToken.None));
        Assert.Equal(default, store.Workers.Signals(Guid.NewGuid(), CancellationToken.None));
        Assert.Empty(store.Workers.FindStops([Guid.NewGuid()], CancellationToken.None));
        Assert.Empty(store.FindClaimed([Guid.NewGuid()], CancellationToken.None));
        Assert.Null(store.NextDue(CancellationToken.None));
    }

    private static NewOperation Test => new() { Kind = "test", Actor = Actor.Current("test") };

    private static TaskOutcome Change(ITaskStore store, TaskChange change) => store.Change([change], Test, CancellationToken.None).Single();

    private CleanUpStuckTask Judged(bool requeue)
    {
        using var store = _file.Open();
        return new CleanUpStuckTask(
            StuckJudge.Judge(
                store.Find("running", CancellationToken.None)!, Liveness.Unknown, OriginalDatabase.Incident, TimeSpan.FromHours(1)),
                requeue);
    }

    /// <summary>
    /// Applies a change and checks that of all rows exactly these columns of one differ; what it returned is what is read.
    /// </summary>
    private QueueTask Apply(TaskChange change, params (string Column, string Value)[] expected)
    {
        var before = _file.Rows("SELECT * FROM task_queue");
        TaskOutcome outcome;
        using (var store = _file.Open(forWriting: true))
        {
            outcome = Change(store, change);
            Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind);
            Assert.Equal(store.Find(change.Id, CancellationToken.None)!.Revision, outcome.Task!.Revision);
        }

        foreach (var (column, value) in expected)
        {
            before.Single(row => row["task_id"] == $"'{change.Id}'")[column] = value;
        }

        Assert.Equal(before, _file.Rows("SELECT * FROM task_queue"));
        return outcome.Task;
    }
}
