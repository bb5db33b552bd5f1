using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

/// <summary>Processes that are really killed, at moments nobody chose.</summary>
public sealed class SqliteCrashTests : SqliteTestBase
{
    private const int StuckTasks = 1500;

    [Fact]
    public void Every_enqueue_that_was_acknowledged_before_a_kill_is_there()
    {
        MakeQueue();
        List<string> acknowledged = [];
        foreach (var count in new[] { 1, 20, 150 })
        {
            var child = Child("enqueue-forever", QueuePath, "work");
            acknowledged.AddRange(child.ReadLines(count));
            acknowledged.AddRange(child.Kill());
        }

        using (var reader = TaskStores.Open(QueuePath, Reading))
        {
            Assert.Subset(Ids(reader).ToHashSet(), acknowledged.ToHashSet());
        }

        var store = Open();
        Add(store, "afterwards");
        AssertIntact();
        // At most the one call whose answer the kill cut off may be there beside them, once a child.
        Assert.InRange(Ids(store).Count - acknowledged.Count, 1, 4);
    }

    [Fact]
    public void Every_completion_that_was_acknowledged_before_a_kill_is_there_and_the_rest_is_found_stuck()
    {
        MakeQueue([.. Enumerable.Range(0, 200).Select(index => $"task-{index}")]);
        var child = Child("claim-and-complete", QueuePath, "work");
        var lines = child.ReadLines(40);
        lines.AddRange(child.Kill());

        var store = Open();

        Assert.All(lines.Select(line => line.Split(' ')), parts =>
        {
            Assert.Equal("Applied", parts[2]);
            Assert.Equal(
                (QueueTaskStatus.Success, $"\"{parts[1]}\""),
                (store.Find(parts[0], Cancel)!.Status, store.Find(parts[0], Cancel)!.ResultJson));
        });
        var running = store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Running] }, Cancel).ToList();
        Assert.InRange(running.Count, 0, 3);
        Assert.All(
            running,
            task => Assert.Equal(
                StuckVerdict.Dead, StuckJudge.Judge(task, Liveness.Unknown, store.Now.AddHours(2), TimeSpan.FromHours(1)).Verdict));
        AssertIntact();
    }

    [Theory]
    [InlineData("planned", 0)]
    [InlineData("planned", 5)]
    [InlineData("planned", 15)]
    [InlineData("planned", 40)]
    [InlineData("backup", 0)]
    [InlineData("backup", 10)]
    [InlineData("backup", 30)]
    public void A_cleanup_that_is_killed_has_changed_all_or_nothing_and_leaves_no_half_backup(string after, int milliseconds)
    {
        MakeStuckQueue();
        var child = Child("cleanup", QueuePath, "1000");
        while (!child.ReadLine().StartsWith(after, StringComparison.Ordinal))
        {
            // On to the moment that was asked for.
        }

        Thread.Sleep(milliseconds);
        child.Kill();

        var store = Open();
        TaskCounts.AssertKept(store);
        var counts = store.CountByStatus(Cancel);
        Assert.Equal(StuckTasks, Assert.Single(counts).Value);
        Assert.Equal(counts.ContainsKey("failed") ? StuckTasks : 0L, Scalar("SELECT COUNT(*) FROM event"));
        AssertIntact();
        var backups = BackupNaming.Existing(QueuePath, Folder.Path);
        Assert.True(backups.Count == 1 || (after == "planned" && counts.ContainsKey("running")), "A backup stands before every change.");
        Assert.All(backups, path =>
        {
            AssertIntact(path);
            Assert.True(SqliteBackup.IsAutomatic(path, QueuePath));
            Assert.Equal((long)StuckTasks, Scalar("SELECT COUNT(*) FROM task WHERE status = 'running'", path));
        });
    }

    private void MakeStuckQueue()
    {
        using var store = TaskStores.Open(QueuePath, Writing);
        var since = store.Now.AddDays(-2);
        var data = $"\"{new string('x', 2000)}\"";
        var tasks = Enumerable.Range(0, StuckTasks).Select(index => new QueueTask
        {
            Id = $"stuck-{index}", Type = "work", Status = QueueTaskStatus.Running, StatusText = "running", DataJson = data, Queue = "",
            Revision = "1",
            CreatedAt = since, DueAt = since, StartedAt = since, StateSince = since, LeaseExpiresAt = since.AddMinutes(1),
        });
        store.Import([.. tasks], new ImportOptions { Running = RunningTasks.Keep }, Act("import"), Cancel);
    }
}
