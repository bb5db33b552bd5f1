using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteOpeningTests : SqliteTestBase
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_missing_file_is_not_found_and_not_made(bool forWriting)
    {
        var error = Assert.Throws<QueueNotFoundException>(() => TaskStores.Open(QueuePath, Reading with { ForWriting = forWriting }));

        Assert.IsType<Advice.CreateQueueAt>(error.Advice);
        Assert.Empty(Folder.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_an_empty_file_and_a_text_file_are_no_queues(bool forWriting)
    {
        Directory.CreateDirectory(Folder["folder"]);
        File.WriteAllText(Folder["empty"], "");
        File.WriteAllText(Folder["text"], string.Concat(Enumerable.Repeat("Dear diary, no database today.\n", 100)));
        var before = Hash(Folder["text"]);

        Assert.All(
            ["folder", "empty", "text"],
            name => Assert.Throws<QueueFormatException>(() => TaskStores.Open(Folder[name], Reading with { ForWriting = forWriting })));

        Assert.Equal(before, Hash(Folder["text"]));
        Assert.Equal(["empty", "folder", "text"], Folder.Names);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_database_of_another_program_is_refused_and_left_byte_for_byte(bool forWriting, bool create)
    {
        Scalar("CREATE TABLE task (id TEXT); INSERT INTO task VALUES ('x')");
        var before = Hash(QueuePath);

        var error = Assert.Throws<QueueFormatException>(
            () => TaskStores.Open(QueuePath, new StoreOptions { ForWriting = forWriting, Create = create }));

        Assert.Contains("another program", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, Hash(QueuePath));
        Assert.Equal(["queue.db"], Folder.Names);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_newer_layout_is_refused(bool forWriting)
    {
        MakeQueue("a");
        Scalar($"PRAGMA user_version = {LayoutVersions.StoredNumber(99)}");

        var error = Assert.Throws<QueueFormatException>(() => TaskStores.Open(QueuePath, Reading with { ForWriting = forWriting }));

        Assert.Contains("version 99", error.Message, StringComparison.Ordinal);
        Assert.Equal(99, Version());
        Assert.DoesNotContain(Folder.Names, name => name.Contains("backup", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void A_queue_of_an_unreleased_build_is_refused_and_left_byte_for_byte(int number, bool forWriting)
    {
        UnreleasedQueue.Create(QueuePath, number);
        var before = Hash(QueuePath);

        var error = Assert.Throws<QueueFormatException>(() => TaskStores.Open(QueuePath, Reading with { ForWriting = forWriting }));

        Assert.Contains("before the first release", error.Message, StringComparison.Ordinal);
        Assert.IsType<Advice.MoveFromUnreleased>(error.Advice);
        Assert.Equal(before, Hash(QueuePath));
        Assert.DoesNotContain(Folder.Names, name => name.Contains("backup", StringComparison.Ordinal));
    }

    [Fact]
    public void A_backup_that_an_unreleased_build_made_is_refused()
    {
        UnreleasedQueue.Create(QueuePath, 3);
        Scalar($"PRAGMA application_id = {BackupMark.Of(QueuePath)}");

        var error = Assert.Throws<QueueFormatException>(() => TaskStores.OpenBackup(QueuePath, Cancel));

        Assert.Contains("before the first release", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void No_number_of_an_unreleased_build_is_taken_for_a_version_however_many_versions_there_are(int number)
    {
        UnreleasedQueue.Create(QueuePath, number);
        var fourth = new SqliteSchema(new LayoutVersions([.. Enumerable.Repeat(SqliteSchema.Current.Versions.Steps[0], 4)]));

        Assert.Throws<QueueFormatException>(() => Open(fourth));
    }

    // The pages of the schema come first: what is damaged here are tasks.
    private const string BehindSchema = "200000";

    [Fact]
    public void A_file_whose_header_is_destroyed_is_no_queue()
    {
        MakeQueue("a");
        ChildProcess.Run("overwrite", QueuePath, "0", "100");

        Assert.Throws<QueueFormatException>(() => TaskStores.Open(QueuePath, Reading));
    }

    [Fact]
    public void A_damaged_file_is_reported_as_such_by_reading_and_by_backing_up()
    {
        MakeQueue([.. Enumerable.Range(0, 3000).Select(index => $"task-{index}")]);
        ChildProcess.Run("overwrite", QueuePath, BehindSchema, "200000");
        var store = Open(Reading);

        Assert.Throws<QueueFormatException>(() => Ids(store));
        Assert.Throws<QueueFormatException>(() => store.Backup(new BackupRequest(Folder["backup.db"]), Cancel));

        Assert.DoesNotContain(Folder.Names, name => name.StartsWith("backup", StringComparison.Ordinal));
    }

    [Fact]
    public void A_damaged_file_is_reported_to_its_writer_and_nothing_of_its_call_is_written()
    {
        string[] ids = [.. Enumerable.Range(0, 3000).Select(index => $"task-{index}")];
        MakeQueue(ids);
        ChildProcess.Run("overwrite", QueuePath, BehindSchema, "200000");
        var store = Open();

        Assert.Throws<QueueFormatException>(() => store.Change([.. ids.Select(id => new CancelTask(id))], Act(), Cancel));

        Assert.Equal(0L, Scalar("SELECT COUNT(*) FROM event"));
    }

    [Fact]
    public void A_read_only_file_can_be_read_but_not_written()
    {
        MakeQueue("a");
        File.SetAttributes(QueuePath, FileAttributes.ReadOnly);
        try
        {
            using var store = TaskStores.Open(QueuePath, Writing);

            Assert.Equal(["a"], Ids(store));
            Assert.Throws<QueueUnavailableException>(() => Add(store, "b"));
            Assert.Equal(["a"], Ids(store));
        }
        finally
        {
            File.SetAttributes(QueuePath, FileAttributes.Normal);
        }
    }

    [Fact]
    public void Reading_a_clean_queue_leaves_its_file_byte_for_byte()
    {
        MakeQueue("a", "b");
        var before = Hash(QueuePath);

        using (var store = TaskStores.Open(QueuePath, Reading))
        {
            Assert.Equal(["a", "b"], Ids(store));
            store.CountByStatus(Cancel);
            new StuckTaskCleanup(store).Plan(new StuckPolicy(), Cancel);
            Assert.Empty(store.Claim(Request(type: "other"), Cancel));
        }

        Assert.Equal(before, Hash(QueuePath));
    }

    [Fact]
    public void A_queue_is_made_in_a_new_folder_and_opened_by_its_link()
    {
        var path = Folder[Path.Combine("new", "folder", "queue.db")];
        using (var store = TaskStores.Open(path, Writing))
        {
            Add(store, "a");
        }

        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        File.CreateSymbolicLink(Folder["link.db"], path);
        using var linked = TaskStores.Open(Folder["link.db"], Writing);
        Add(linked, "b");

        Assert.Equal(path, linked.Info.Queue);
        Assert.Equal(["a", "b"], StoredIds(path));
    }

    [Fact]
    public void A_queue_whose_maker_died_before_it_had_tables_is_made_by_the_next_one()
    {
        Scalar("PRAGMA auto_vacuum = INCREMENTAL");
        Assert.NotEqual(0, new FileInfo(QueuePath).Length);

        Add(Open(), "a");

        Assert.Equal(["a"], StoredIds());
        Assert.Equal(2L, Scalar("PRAGMA auto_vacuum"));
    }

    [Fact]
    public void Processes_that_make_the_same_queue_at_once_all_succeed()
    {
        for (var round = 0; round < 3; round++)
        {
            var path = Folder[$"made-{round}.db"];
            var children = Enumerable.Range(0, 5).Select(_ => Child("create", path)).ToList();
            Assert.All(children, child => Assert.Equal("ready", child.ReadLine()));

            children.ForEach(child => child.SendLine());

            Assert.All(children, child => Assert.Equal(["created"], child.Finish()));
            AssertIntact(path);
            Assert.Equal(SqliteSchema.Current.Versions.Newest, Version(path));
        }
    }

    [Fact]
    public void Threads_that_make_the_same_queue_at_once_all_succeed()
    {
        for (var round = 0; round < 20; round++)
        {
            var path = Folder[$"made-{round}.db"];
            using var start = new Barrier(4);
            Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, number =>
            {
                start.SignalAndWait(1000);
                using var store = TaskStores.Open(path, Writing);
                Add(store, $"from-{number}");
            });

            Assert.Equal(4, StoredIds(path).Count);
        }
    }
}
