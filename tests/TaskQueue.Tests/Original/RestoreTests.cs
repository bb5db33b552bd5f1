using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class RestoreTests : IDisposable
{
    private readonly OriginalFile _file = OriginalFile.OfIncident();
    private readonly string _backup;
    private readonly string _tasks;

    public RestoreTests()
    {
        _file.Add(
            ("task_id", "odd"), ("status", "paused"), ("priority", "high"), ("data", new byte[] { 0xFF, 0 }), ("retry_count", null),
            ("created_at", "noon"));
        _file.Execute("INSERT INTO task_queue (task_id, task_type, data) VALUES ('broken', 'publish', CAST(x'C3FF' AS TEXT))");
        _tasks = _file.Tasks() + _file.Value("SELECT hex(data) FROM task_queue WHERE task_id = 'broken'");
        _backup = Path.Combine(_file.Folder, "backup.db");
        using var store = _file.Open();
        Assert.Equal(57, store.Backup(new BackupRequest(_backup), CancellationToken.None).Tasks);
    }

    private static NewOperation Restore => new() { Kind = "restore", Actor = Actor.Current("Restore-TaskQueue") };

    public void Dispose() => _file.Dispose();

    [Fact]
    public void A_restore_brings_every_row_back_to_the_letter()
    {
        var frame = _file.Frame();
        _file.Execute(
            "DELETE FROM task_queue WHERE id % 3 = 0; UPDATE task_queue SET status = 'lost', created_at = NULL; "
                + "INSERT INTO task_queue (task_id, task_type) VALUES ('later', 'publish')");
        Assert.Equal(57, RestoreFrom(_backup, RunningTasks.Keep));
        Assert.Equal(_tasks, _file.Tasks() + _file.Value("SELECT hex(data) FROM task_queue WHERE task_id = 'broken'"));
        Assert.Equal(frame, _file.Frame());
        Assert.Equal("'restore'", Assert.Single(_file.LogRows("SELECT kind FROM operation"))["kind"]);
        Assert.Equal("'ok'", _file.Value("PRAGMA integrity_check"));
    }

    [Theory]
    [InlineData(RunningTasks.Requeue, "'pending' NULL NULL NULL")]
    [InlineData(
        RunningTasks.Fail,
        "'failed' '2025-12-16T22:07:13.868950' '2025-12-19 08:54:56' 'Was running when its queue was copied or restored'")]
    public void Running_tasks_become_what_is_asked_for(RunningTasks running, string expected)
    {
        var others = _file.Rows("SELECT * FROM task_queue WHERE status <> 'running'");
        RestoreFrom(_backup, running);
        Assert.Equal(
            expected,
            string.Join(
                ' ',
                _file.Rows(
                    "SELECT status, started_at, completed_at, error_message FROM task_queue WHERE task_id = 'stuck_0'").Single().Values));
        Assert.Equal(others, _file.Rows("SELECT * FROM task_queue WHERE task_id NOT LIKE 'stuck%'"));
        Assert.Equal("0", _file.Value("SELECT COUNT(*) FROM task_queue WHERE status = 'running'"));
    }

    [Fact]
    public void A_restore_that_fails_changes_nothing()
    {
        using (var broken = OriginalFile.Empty())
        {
            broken.Execute(
                "DROP TABLE task_queue; CREATE TABLE task_queue AS SELECT 1 AS id, NULL AS task_id, NULL AS task_type, 1 AS priority, 's' "
                    + "AS status, 1 AS data, 1 AS result, 1 AS error_message, 1 AS retry_count, 1 AS max_retries, 1 AS created_at, 1 AS "
                    + "started_at, 1 AS completed_at, 1 AS updated_at");
            Assert.Throws<QueueUnavailableException>(() => RestoreFrom(broken.Location, RunningTasks.Keep));
        }

        Assert.Throws<OperationCanceledException>(() => RestoreFrom(_backup, RunningTasks.Keep, isCancelled: true));
        Assert.Throws<TaskValidationException>(() => RestoreFrom(_file.Location, RunningTasks.Keep));
        Assert.Equal(_tasks, _file.Tasks() + _file.Value("SELECT hex(data) FROM task_queue WHERE task_id = 'broken'"));
    }

    [Fact]
    public void Tasks_of_our_own_layout_are_refused()
    {
        var own = Path.Combine(_file.Folder, "own.db");
        using (TaskStores.Open(own, new StoreOptions { Create = true }))
        {
        }

        Assert.Throws<LayoutNotSupportedException>(() => RestoreFrom(own, RunningTasks.Requeue));
    }

    [Fact]
    public void A_copy_takes_all_that_our_own_layout_can_hold()
    {
        var rejected = new List<string>();
        using var source = _file.Open();
        using var own = TaskStores.Open(
            Path.Combine(_file.Folder, "own.db"), new StoreOptions { Create = true, ForWriting = true, Time = _file.Time });
        var copy = QueueTransfer.Copy(
            source, own, RunningTasks.Requeue, Restore, (task, _) => rejected.Add(task.Id), _ => { }, CancellationToken.None);
        Assert.Equal(56, copy.Added);
        Assert.Equal(["odd"], rejected);
        var finished = own.Find("publish_batch_1", CancellationToken.None)!;
        Assert.Equal(new DateTimeOffset(2025, 12, 12, 10, 0, 0, 123, TimeSpan.Zero), finished.CompletedAt);
    }

    private long RestoreFrom(string backup, RunningTasks running, bool isCancelled = false)
    {
        using var source = TaskStores.Open(backup, new StoreOptions { Time = _file.Time });
        using var store = _file.Open(forWriting: true);
        return QueueTransfer.Restore(source, store, running, Restore, new AfterCommit(), new CancellationToken(isCancelled));
    }
}
