using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteFileTests : SqliteTestBase
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    public void Database_sidecars_and_backup_are_for_their_owner_only()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        var store = Open();
        Add(store, "a");
        Ids(store);
        store.Backup(new BackupRequest(Folder["backup.db"]), Cancel);

        Assert.Equal(["backup.db", "queue.db", "queue.db-shm", "queue.db-wal"], Folder.Names);
        foreach (var name in Folder.Names)
        {
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(Folder[name]));
        }
    }

    [Theory]
    [InlineData(Durability.Full, 2)]
    [InlineData(Durability.Normal, 1)]
    public void Commits_are_synced_as_the_durability_says(Durability durability, long synchronous)
    {
        var store = Open(Writing with { Durability = durability });
        Add(store, "a");
        // The registry gives out the very writer that the store uses.
        var writer = SqliteWriters.Rent(new SqliteWriterProfile(QueuePath, durability, _ => { }, _ => { }));
        try
        {
            Assert.Equal(synchronous, writer.Write(session => session.Number("PRAGMA synchronous"), TimeSpan.FromSeconds(10), Cancel));
            Assert.Equal(1, writer.Write(session => session.Number("PRAGMA fullfsync"), TimeSpan.FromSeconds(10), Cancel));
            Assert.Equal(64 << 20, writer.Write(session => session.Number("PRAGMA journal_size_limit"), TimeSpan.FromSeconds(10), Cancel));
        }
        finally
        {
            SqliteWriters.Return(writer);
        }
    }

    [Fact]
    public void A_written_queue_is_in_WAL_mode_and_carries_our_marks()
    {
        MakeQueue("a");

        Assert.Equal("wal", Scalar("PRAGMA journal_mode"));
        Assert.Equal(SqliteSchema.ApplicationId, Scalar("PRAGMA application_id"));
        Assert.Equal(SqliteSchema.Current.Versions.Newest, Version());
        Assert.Equal(2L, Scalar("PRAGMA auto_vacuum"));
    }

    [Fact]
    public void A_closed_queue_leaves_one_file()
    {
        var store = Open();
        var second = Open();
        Add(store, "a");
        Assert.Equal(["a"], Ids(second));

        store.Dispose();
        Add(second, "b");
        second.Dispose();

        Assert.Equal(["queue.db"], Folder.Names);
        Assert.Equal(["a", "b"], StoredIds());
    }

    [Fact]
    public void A_command_holds_one_connection_to_read_and_one_to_write()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells which files a process has open.");
        MakeQueue("a");

        using (var reader = TaskStores.Open(QueuePath, Reading))
        {
            Assert.Equal(["a"], Ids(reader));
            Assert.Equal(1, TimesOpen());
        }

        using var store = TaskStores.Open(QueuePath, new StoreOptions { ForWriting = true });
        Add(store, "b");
        store.Change([new ForceCancelTask("a")], Act(), Cancel);
        Assert.Equal(1, TimesOpen());

        Ids(store);
        Add(store, "c");
        Assert.Equal(2, TimesOpen());

        // Links of this process to the file: a handle that SQLite keeps for later counts too.
        int TimesOpen() =>
            Directory.GetFiles("/proc/self/fd").Count(
                handle => File.ResolveLinkTarget(handle, returnFinalTarget: false)?.FullName == QueuePath);
    }

    [Fact]
    public void A_queue_that_may_be_written_is_read_by_a_connection_that_cannot_write()
    {
        var store = Assert.IsAssignableFrom<SqlTaskStore>(Open());

        Assert.True(store.ReadWith(session => ((SqliteSession)session).IsReadOnly, Cancel));
        Assert.False(store.WriteWith(session => ((SqliteSession)session).IsReadOnly, Cancel));
    }

    [Fact]
    public void Nothing_is_held_open_between_two_tasks_that_are_read()
    {
        var store = Open();
        Add(store, [.. Enumerable.Range(0, 1200).Select(index => $"task-{index}")]);
        using var tasks = store
            .Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Failed] }, Cancel)
            .GetEnumerator();
        for (var read = 0; read < 700; read++)
        {
            Assert.True(tasks.MoveNext());
        }

        Add(store, "added");
        using var other = Connect();
        using var checkpoint = other.CreateCommand();
        checkpoint.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        using (var row = checkpoint.ExecuteReader())
        {
            Assert.True(row.Read());
            Assert.Equal((0, 0), (row.GetInt32(0), row.GetInt32(1)));
        }

        Assert.Equal(0, new FileInfo(QueuePath + "-wal").Length);
        var rest = 0;
        while (tasks.MoveNext())
        {
            rest++;
        }

        Assert.Equal(500, rest);
    }
}
