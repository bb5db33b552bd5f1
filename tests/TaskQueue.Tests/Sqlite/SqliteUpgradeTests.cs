using TaskQueue.Storage;
using TaskQueue.Storage.Sqlite;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteUpgradeTests : SqliteTestBase
{
    private static long Current => SqliteSchema.Current.Version;

    [Fact]
    public void A_queue_of_the_first_layout_keeps_every_row_its_order_and_its_indexes()
    {
        FirstLayout.Create(QueuePath);
        var (tasks, trash, log, indexes) = (Rows("task"), Rows("trash"), Rows("event"), Indexes());

        Open().Dispose();

        Assert.Equal(Current, Scalar("PRAGMA user_version"));
        foreach (var row in tasks.Concat(trash))
        {
            row.Add("worker_id", "NULL");
            row.Add("progress_at", "NULL");
            row.Add("recovered_at", "NULL");
            // Nobody knows whether what ran had begun: it counts as if it had.
            row.Add("begun_at", row["status"] == "'running'" ? row["started_at"] : "NULL");
        }

        // Those of the first layout are all of a removal.
        log.ForEach(row => row.Add("undoable", "1"));
        Assert.Equal(tasks, Rows("task"));
        Assert.Equal(trash, Rows("trash"));
        Assert.Equal(log, Rows("event"));
        Assert.Equal(indexes, Indexes().Where(index => indexes.Any(known => known["name"] == index["name"])).ToList());
        AssertIntact();
        var backup = Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path));
        Assert.Equal(1L, Scalar("PRAGMA user_version", backup));
        Assert.Equal(3L, Scalar("SELECT COUNT(*) FROM task", backup));
    }

    [Fact]
    public void A_queue_of_the_former_layout_keeps_all_it_holds()
    {
        FirstLayout.Create(QueuePath);
        SqliteTaskStore.Upgrade(QueuePath, Writing, SqliteSchema.Former);
        Scalar("UPDATE task SET worker_id = randomblob(16), progress_at = 7");
        var (tasks, trash) = (Rows("task"), Rows("trash"));

        Open().Dispose();

        foreach (var row in tasks.Concat(trash))
        {
            row.Add("recovered_at", "NULL");
            row.Add("begun_at", row["status"] == "'running'" ? row["started_at"] : "NULL");
        }

        Assert.Equal(tasks, Rows("task"));
        Assert.Equal(trash, Rows("trash"));
    }

    [Fact]
    public void A_backup_of_the_former_layout_can_be_restored()
    {
        FirstLayout.Create(QueuePath);
        SqliteTaskStore.Upgrade(QueuePath, Writing, SqliteSchema.Former);
        var ids = StoredIds();

        using var backup = TaskStores.OpenBackup(QueuePath, Cancel);
        using var target = TaskStores.Open(Folder["target.db"], Writing);
        target.ReplaceAll(backup, new ImportOptions(), Act(), Cancel);

        Assert.Equal(ids, target.Read(new TaskQuery(), Cancel).Select(task => task.Id));
        Assert.Equal((long)SqliteSchema.Former.Version, Scalar("PRAGMA user_version"));
    }

    [Fact]
    public void An_upgraded_layout_is_to_the_letter_that_of_a_new_queue()
    {
        FirstLayout.Create(QueuePath);
        Open().Dispose();
        TaskStores.Open(Folder["new.db"], Writing).Dispose();

        const string Schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY name";
        Assert.Equal(RawDatabase.Rows(Folder["new.db"], Schema), RawDatabase.Rows(QueuePath, Schema));
        // Large texts stand last: reading the other columns need not pass them.
        Assert.Equal(
            ["'progress_message'", "'error_message'", "'data'", "'result'"],
            RawDatabase.Rows(QueuePath, "SELECT name FROM pragma_table_info('task')").TakeLast(4).Select(row => row["name"]));
    }

    [Fact]
    public void After_an_upgrade_no_key_that_was_ever_given_comes_again()
    {
        FirstLayout.Create(QueuePath);

        Add(Open(), "new");

        Assert.Equal(10L, Scalar("SELECT seq FROM task WHERE id = 'new'"));
        Assert.Equal(1L, Scalar("SELECT COUNT(*) FROM sqlite_sequence WHERE name LIKE '%task%'"));
    }

    [Fact]
    public void A_claim_made_before_an_upgrade_is_completed_after_it()
    {
        FirstLayout.Create(QueuePath);
        var store = Open();
        var running = store.Find("task-3", Cancel)!;
        Assert.Null(running.WorkerId);

        var outcome = Assert.Single(store.Change([new CompleteTask("task-3", running.ClaimToken!.Value, "[7]")], Act(), Cancel));

        Assert.Equal((TaskOutcomeKind.Applied, QueueTaskStatus.Success), (outcome.Kind, store.Find("task-3", Cancel)!.Status));
        Assert.Equal("task-5", Assert.Single(store.Claim(Request(3, "type-5"), Cancel)).Id);
    }

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

    private List<Dictionary<string, string>> Rows(string table) => RawDatabase.Rows(QueuePath, $"SELECT * FROM {table} ORDER BY seq");

    private List<Dictionary<string, string>> Indexes() => RawDatabase.Rows(
        QueuePath, "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name NOT IN ('worker', 'stop', 'lease_watch') ORDER BY name");
}
