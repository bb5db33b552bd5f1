using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class OperationLogTests : IDisposable
{
    private static readonly NewOperation Stop = new()
    {
        Kind = "force cancel", Actor = new Actor("ann", "web01", 7, "Stop-QueueTask"), Reason = "hangs",
    };

    private readonly OriginalFile _file = OriginalFile.Empty();

    public OperationLogTests() => _file.AddRunning("running", "2025-12-16T22:07:13.868950");

    public void Dispose() => _file.Dispose();

    [Fact]
    public void What_an_operation_did_is_kept_beside_the_queue()
    {
        using (var store = _file.Open(forWriting: true))
        {
            Change(store, new ForceCancelTask("nobody"));
            Assert.False(File.Exists(_file.LogLocation));
            Change(store, new ForceCancelTask("running"));
            Change(store, new RestartTask("running"));
        }

        var operation = Assert.Single(_file.LogRows("SELECT * FROM operation"));
        Assert.Equal(
            ("'ann'", "'web01'", "7", "'Stop-QueueTask'", "'hangs'"),
            (operation["user"], operation["machine"], operation["process_id"], operation["command"], operation["reason"]));
        var events = _file.LogRows("SELECT * FROM event ORDER BY seq");
        Assert.Equal(["'force cancel'", "'restart'"], events.Select(row => row["kind"]));
        Assert.Contains("\"status\":\"running\"", events[0]["before"], StringComparison.Ordinal);
        Assert.Contains("\"status\":\"failed\"", events[0]["after"], StringComparison.Ordinal);
    }

    [Fact]
    public void Only_its_owner_can_read_the_log()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows inherits the folder's rights.");
        using (var store = _file.Open(forWriting: true))
        {
            Change(store, new ForceCancelTask("running"));
        }

        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file.LogLocation));
        }
    }

    [Fact]
    public void Without_a_log_nothing_is_changed()
    {
        Directory.CreateDirectory(_file.LogLocation);
        var before = _file.Tasks();
        using (var store = _file.Open(forWriting: true))
        {
            var error = Assert.Throws<QueueUnavailableException>(() => Change(store, new ForceCancelTask("running")));
            Assert.Contains("task_queue_operations.db", error.Message, StringComparison.Ordinal);
            Assert.Equal(before, _file.Tasks());
            Directory.Delete(_file.LogLocation);
            Change(store, new ForceCancelTask("running"));
        }

        Assert.Single(_file.LogRows("SELECT * FROM event"));
    }

    [Fact]
    public void A_file_of_another_program_is_not_written()
    {
        File.WriteAllText(
            _file.LogLocation, "notes of somebody, longer than the hundred bytes of a database's header, which SQLite reads first of all");
        using var store = _file.Open(forWriting: true);
        Assert.Throws<QueueUnavailableException>(() => Change(store, new ForceCancelTask("running")));
        Assert.Equal("'running'", _file.Row("running")["status"]);
    }

    [Fact]
    public void A_log_that_is_moved_away_is_made_again()
    {
        using var store = _file.Open(forWriting: true);
        Change(store, new ForceCancelTask("running"));
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows does not move a file that is open.");
        File.Move(_file.LogLocation, _file.LogLocation + ".old");
        Change(store, new RestartTask("running"));
        Assert.Equal("'restart'", Assert.Single(_file.LogRows("SELECT * FROM event"))["kind"]);
    }

    [Fact]
    public void A_change_that_fails_leaves_no_event()
    {
        _file.Execute("CREATE TRIGGER no_remove BEFORE DELETE ON task_queue BEGIN SELECT RAISE(ABORT, 'kept'); END");
        using (var store = _file.Open(forWriting: true))
        {
            Assert.Throws<QueueUnavailableException>(() => Change(store, new RemoveTask("running", Force: true)));
            Change(store, new ForceCancelTask("running"));
        }

        Assert.Empty(_file.LogRows("SELECT * FROM trash"));
        Assert.Equal("'force cancel'", Assert.Single(_file.LogRows("SELECT * FROM event"))["kind"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(67)]
    [InlineData(149)]
    public void Queue_and_log_agree_whenever_their_writer_is_killed(int milliseconds)
    {
        const int Tasks = 5000;
        using (var store = _file.Open(forWriting: true))
        {
            store.Enqueue(
                [.. Enumerable.Range(0, Tasks).Select(number => new NewTask { Id = $"task_{number}", Type = "publish" })],
                CancellationToken.None);
        }

        using (var writer = ChildProcess.Start("stop-tasks", _file.Location, $"{Tasks}"))
        {
            Assert.Equal("started", writer.ReadLine());
            Thread.Sleep(milliseconds);
            writer.Kill();
        }

        using (_file.Open(forWriting: true))
        {
        }

        var stopped = _file.Rows("SELECT task_id FROM task_queue WHERE status = 'failed' ORDER BY task_id");
        Assert.InRange(stopped.Count, 1, Tasks - 1);
        Assert.Equal(stopped, _file.LogRows("SELECT task_id FROM event ORDER BY task_id"));
        Assert.Equal("'ok'", _file.Value("PRAGMA integrity_check"));
    }

    [Fact]
    public void The_log_is_no_queue()
    {
        using (var store = _file.Open(forWriting: true))
        {
            Change(store, new ForceCancelTask("running"));
        }

        Assert.Throws<QueueFormatException>(() => Storage.TaskStores.Open(_file.LogLocation, new Storage.StoreOptions()));
    }

    private static void Change(ITaskStore store, TaskChange change) => store.Change([change], Stop, CancellationToken.None);
}
