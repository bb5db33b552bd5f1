using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteUpgradeTests : SqliteTestBase
{
    private static int Current => SqliteSchema.Current.Versions.Newest;

    [Fact]
    public void A_step_that_makes_tables_anew_keeps_every_row_its_order_and_its_indexes()
    {
        MakeQueueWithHistory();
        var (tasks, trash, log, indexes) = (Rows("task"), Rows("trash"), Rows("event"), Indexes());

        Open(LaterLayout.WithNote);

        Assert.Equal(Current + 1, Version());
        foreach (var row in tasks.Concat(trash))
        {
            row.Add("note", "NULL");
        }

        Assert.Equal(tasks, Rows("task"));
        Assert.Equal(trash, Rows("trash"));
        Assert.Equal(log, Rows("event"));
        Assert.Equal(indexes, Indexes());
        AssertIntact();
        var backup = Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path));
        Assert.Equal(Current, Version(backup));
        Assert.Equal(3L, Scalar("SELECT COUNT(*) FROM task", backup));
    }

    [Fact]
    public void The_backup_that_an_upgrade_made_can_be_restored_by_the_later_version()
    {
        MakeQueueWithHistory();
        var ids = StoredIds();
        Open(LaterLayout.WithNote);
        var path = Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path));
        var before = Hash(path);

        using (var backup = new SqliteOpening(path, Reading, LaterLayout.WithNote).OpenBackup())
        {
            var target = Open(LaterLayout.WithNote, path: Folder["target.db"]);
            target.ReplaceAll(backup, new ImportOptions(), Act(), Cancel);

            Assert.Equal(Current, backup.Info.SchemaVersion);
            Assert.Equal(ids, Ids(target));
        }

        Assert.Equal(Current, Version(path));
        Assert.Equal(before, Hash(path));
    }

    [Fact]
    public void An_upgraded_layout_is_to_the_letter_that_of_a_new_queue()
    {
        MakeQueueWithHistory();
        Open(LaterLayout.WithNote).Dispose();
        Open(LaterLayout.WithNote, path: Folder["new.db"]).Dispose();

        const string Schema = "SELECT type, name, sql FROM sqlite_schema ORDER BY name";
        Assert.Equal(RawDatabase.Rows(Folder["new.db"], Schema), RawDatabase.Rows(QueuePath, Schema));
        // Large texts stand last: reading the other columns need not pass them.
        Assert.Equal(
            ["'note'", "'progress_message'", "'error_message'", "'data'", "'result'"],
            RawDatabase.Rows(QueuePath, "SELECT name FROM pragma_table_info('task')").TakeLast(5).Select(row => row["name"]));
    }

    [Fact]
    public void After_an_upgrade_no_key_that_was_ever_given_comes_again()
    {
        MakeQueueWithHistory();
        var highest = (long)Scalar("SELECT max(seq) FROM trash")!;

        Add(Open(LaterLayout.WithNote), "new");

        Assert.Equal(highest + 1, Scalar("SELECT seq FROM task WHERE id = 'new'"));
        Assert.Equal(1L, Scalar("SELECT COUNT(*) FROM sqlite_sequence WHERE name LIKE '%task%'"));
    }

    [Fact]
    public void A_claim_made_before_an_upgrade_is_completed_after_it()
    {
        MakeQueueWithHistory();
        var store = Open(LaterLayout.WithNote);
        var running = store.Find("running", Cancel)!;

        var outcome = Assert.Single(store.Change([new CompleteTask("running", running.ClaimToken!.Value, "[7]")], Act(), Cancel));

        Assert.Equal((TaskOutcomeKind.Applied, QueueTaskStatus.Success), (outcome.Kind, store.Find("running", Cancel)!.Status));
        Assert.Equal("waiting", Assert.Single(store.Claim(Request(3), Cancel)).Id);
    }

    [Fact]
    public void An_older_layout_is_upgraded_after_a_backup_of_the_old_one()
    {
        MakeQueue("a", "b");

        var store = Open(LaterLayout.WithTable);

        Assert.Equal(Current + 1, Version());
        Assert.Equal(0L, Scalar("SELECT COUNT(*) FROM extra"));
        Assert.Equal(["a", "b"], StoredIds());
        var backup = Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path));
        Assert.Equal(Current, Version(backup));
        Assert.Equal(["a", "b"], StoredIds(backup));
        Assert.True(SqliteBackup.IsAutomatic(backup, QueuePath));
        Add(store, "c");
        Assert.Equal(Current + 1, store.Info.SchemaVersion);
        Assert.Equal(Current + 1, Open(LaterLayout.WithTable, Reading).Info.SchemaVersion);
    }

    [Fact]
    public void Tasks_of_the_first_layout_are_counted_by_its_upgrade_and_by_readers_of_its_backup()
    {
        using (Open(new SqliteSchema(SqliteSchema.Current.Versions.UpTo(1))))
        {
            Scalar(
                """
                INSERT INTO task (id, type, status, priority, ready, retry_count, max_retries, attempt, recoveries, created_at, due_at,
                    state_since, revision)
                VALUES ('a', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 1, 1, 1), ('b', 'work', 'pending', 5, 1, 0, 3, 0, 0, 1, 1, 1, 1),
                    ('c', 'mail', 'failed', 5, NULL, 0, 3, 1, 0, 1, 1, 1, 1)
                """);
        }

        var store = Open(SqliteSchema.Current);

        Assert.Equal((Current, 3), (Version(), store.CountByStatus(Cancel).Values.Sum()));
        TaskCounts.AssertKept(store);
        Add(store, "d");
        TaskCounts.AssertKept(store);
        using var backup = TaskStores.OpenBackup(Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path)), Cancel);
        Assert.Equal((1, 3), (backup.Info.SchemaVersion, backup.CountByStatus(Cancel).Values.Sum()));
        TaskCounts.AssertKept(backup);
    }

    [Fact]
    public void A_connected_session_upgrades_an_older_layout_before_it_writes()
    {
        MakeQueue("a");

        new SqliteOpening(QueuePath, Reading with { ForWriting = true }, LaterLayout.WithTable).PrepareForWriting();

        Assert.Equal(Current + 1, Version());
        Assert.Single(BackupNaming.Existing(QueuePath, Folder.Path));
    }

    [Fact]
    public void A_current_layout_is_left_alone()
    {
        MakeQueue("a");
        var before = Hash(QueuePath);

        Open(SqliteSchema.Current).Dispose();
        new SqliteOpening(QueuePath, Writing, SqliteSchema.Current).PrepareForWriting();

        Assert.Equal(before, Hash(QueuePath));
        Assert.Empty(BackupNaming.Existing(QueuePath, Folder.Path));
    }

    [Fact]
    public void An_upgrade_that_fails_midway_leaves_the_old_layout()
    {
        MakeQueue("a");
        var broken = LaterLayout.With("CREATE TABLE extra (x INTEGER); UPDATE task SET id = 'b'; INSERT INTO nowhere VALUES (1)");

        Assert.ThrowsAny<Exception>(() => Open(broken));

        Assert.Equal(Current, Version());
        Assert.Equal(0L, Scalar("SELECT COUNT(*) FROM sqlite_schema WHERE name = 'extra'"));
        Assert.Equal(["a"], StoredIds());
        AssertIntact();
    }

    [Fact]
    public void A_backup_that_fails_stops_the_upgrade()
    {
        MakeQueue([.. Enumerable.Range(0, 3000).Select(index => $"task-{index}")]);
        ChildProcess.Run("overwrite", QueuePath, "100000", "50000");

        Assert.ThrowsAny<TaskQueueException>(() => Open(LaterLayout.WithTable));

        Assert.Equal(Current, Version());
        Assert.Empty(BackupNaming.Existing(QueuePath, Folder.Path));
    }

    [Fact]
    public void A_reading_open_never_upgrades()
    {
        MakeQueue("a");
        var before = Hash(QueuePath);

        var error = Assert.Throws<QueueFormatException>(() => Open(LaterLayout.WithTable, Reading));

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

            using var start = new Barrier(3);
            Parallel.For(0, 3, new ParallelOptions { MaxDegreeOfParallelism = 3 }, _ =>
            {
                start.SignalAndWait(1000);
                new SqliteOpening(path, Writing, LaterLayout.WithTable).Open().Dispose();
            });

            Assert.Equal(Current + 1, Version(path));
            Assert.Single(BackupNaming.Existing(path, Folder.Path));
        }
    }

    [Fact]
    public void A_running_writer_refuses_a_layout_that_became_newer()
    {
        var store = Open();
        Add(store, "a");
        Scalar($"PRAGMA user_version = {LayoutVersions.StoredNumber(99)}");

        Assert.Throws<QueueFormatException>(() => Add(store, "b"));

        Assert.Equal(["a"], StoredIds());
        Scalar($"PRAGMA user_version = {LayoutVersions.StoredNumber(Current)}");
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

    /// <summary>A running task, a waiting one and one that has ended; the newest was removed.</summary>
    private void MakeQueueWithHistory()
    {
        using var store = TaskStores.Open(QueuePath, Writing);
        Add(store, "running", "ended", "waiting", "removed");
        store.Claim(Request(), Cancel);
        Assert.All(
            store.Change([new ForceCancelTask("ended"), new RemoveTask("removed")], Act(), Cancel),
            outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
    }

    private List<Dictionary<string, string>> Rows(string table) => RawDatabase.Rows(QueuePath, $"SELECT * FROM {table} ORDER BY seq");

    private List<Dictionary<string, string>> Indexes() =>
        RawDatabase.Rows(QueuePath, "SELECT name, tbl_name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name");
}
