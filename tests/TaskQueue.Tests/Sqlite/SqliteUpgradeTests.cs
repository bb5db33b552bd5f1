using TaskQueue.Storage;
using TaskQueue.Storage.Sqlite;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteUpgradeTests : SqliteTestBase
{
    private static long Current => SqliteSchema.Current.Version;

    [Fact]
    public void An_older_layout_is_upgraded_after_a_backup_of_the_old_one()
    {
        MakeQueue("a", "b");
        var longer = LongerSchema("CREATE TABLE extra (x INTEGER)");

        SqliteTaskStore.Upgrade(QueuePath, Writing, longer);

        Assert.Equal(Current + 1, Scalar("PRAGMA user_version"));
        Assert.Equal(0L, Scalar("SELECT COUNT(*) FROM extra"));
        Assert.Equal(["a", "b"], StoredIds());
        var backup = Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path));
        Assert.Equal(Current, Scalar("PRAGMA user_version", backup));
        Assert.Equal(["a", "b"], StoredIds(backup));
        Assert.True(SqliteBackup.IsAutomatic(backup, QueuePath));
        using var store = new SqliteTaskStore(QueuePath, Writing, longer);
        Add(store, "c");
        Assert.Equal(Current + 1, store.Info.SchemaVersion);
    }

    [Fact]
    public void A_current_layout_is_left_alone()
    {
        MakeQueue("a");
        var before = Hash(QueuePath);

        SqliteTaskStore.Upgrade(QueuePath, Writing, SqliteSchema.Current);

        Assert.Equal(before, Hash(QueuePath));
        Assert.Empty(BackupNaming.Existing(QueuePath, Folder.Path));
    }

    [Fact]
    public void An_upgrade_that_fails_midway_leaves_the_old_layout()
    {
        MakeQueue("a");
        var broken = LongerSchema("CREATE TABLE extra (x INTEGER); UPDATE task SET id = 'b'; INSERT INTO nowhere VALUES (1)");

        Assert.ThrowsAny<Exception>(() => SqliteTaskStore.Upgrade(QueuePath, Writing, broken));

        Assert.Equal(Current, Scalar("PRAGMA user_version"));
        Assert.Equal(0L, Scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'extra'"));
        Assert.Equal(["a"], StoredIds());
        AssertIntact();
    }

    [Fact]
    public void A_backup_that_fails_stops_the_upgrade()
    {
        MakeQueue([.. Enumerable.Range(0, 3000).Select(index => $"task-{index}")]);
        ChildProcess.Run("overwrite", QueuePath, "100000", "50000");

        Assert.ThrowsAny<TaskQueueException>(() => SqliteTaskStore.Upgrade(QueuePath, Writing, LongerSchema("CREATE TABLE extra (x INTEGER)")));

        Assert.Equal(Current, Scalar("PRAGMA user_version"));
        Assert.Empty(BackupNaming.Existing(QueuePath, Folder.Path));
    }

    [Fact]
    public void A_reading_open_never_upgrades()
    {
        MakeQueue("a");
        var before = Hash(QueuePath);

        var error = Assert.Throws<QueueFormatException>(() => new SqliteTaskStore(QueuePath, Reading, LongerSchema("CREATE TABLE extra (x INTEGER)")));

        Assert.Contains("older layout", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Hash(QueuePath));
        Assert.Empty(BackupNaming.Existing(QueuePath, Folder.Path));
    }

    [Fact]
    public void Two_that_upgrade_at_once_both_succeed_and_the_steps_run_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var path = Folder[$"queue-{round}.db"];
            using (var store = TaskStores.Open(path, Writing))
            {
                Add(store, "a");
            }

            var longer = LongerSchema("CREATE TABLE extra (x INTEGER)");
            using var start = new Barrier(3);
            Parallel.For(0, 3, new ParallelOptions { MaxDegreeOfParallelism = 3 }, _ =>
            {
                start.SignalAndWait(1000);
                SqliteTaskStore.Upgrade(path, Writing, longer);
            });

            Assert.Equal(Current + 1, Scalar("PRAGMA user_version", path));
            Assert.Single(BackupNaming.Existing(path, Folder.Path));
        }
    }

    [Fact]
    public void A_running_writer_refuses_a_layout_that_became_newer()
    {
        var store = Open();
        Add(store, "a");
        Scalar("PRAGMA user_version = 99");

        Assert.Throws<QueueFormatException>(() => Add(store, "b"));

        Assert.Equal(["a"], StoredIds());
        Scalar($"PRAGMA user_version = {Current}");
        Add(store, "c");
        Assert.Equal(["a", "c"], StoredIds());
    }

    [Fact]
    public void A_running_writer_refuses_a_file_that_became_another_programs()
    {
        var store = Open();
        Add(store, "a");
        Scalar("PRAGMA application_id = 7");

        Assert.Throws<QueueFormatException>(() => Add(store, "b"));

        Assert.Equal(["a"], StoredIds());
    }
}
