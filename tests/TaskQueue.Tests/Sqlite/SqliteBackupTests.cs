using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteBackupTests : SqliteTestBase
{
    private string BackupPath => Folder["backup.db"];

    [Fact]
    public void A_backup_made_while_another_process_writes_is_intact_and_holds_what_was_acknowledged_before()
    {
        var store = Open();
        Add(store, [.. Enumerable.Range(0, 2000).Select(index => $"task-{index}")]);
        var child = Child("enqueue-forever", QueuePath, "work");
        for (var round = 0; round < 5; round++)
        {
            var acknowledged = child.ReadLines(5);
            var path = Folder[$"backup-{round}.db"];

            var made = store.Backup(new BackupRequest(path), Cancel);

            AssertIntact(path);
            var ids = StoredIds(path);
            Assert.Equal(made.Tasks, ids.Count);
            Assert.Subset(ids.ToHashSet(), acknowledged.ToHashSet());
            Assert.Equal(new FileInfo(path).Length, made.Bytes);
        }

        child.Finish();
    }

    [Fact]
    public void A_backup_holds_what_stands_in_the_write_ahead_log_alone()
    {
        var store = Open();
        Add(store, "a", "b");

        Assert.Equal((BackupPath, QueuePath, 2L), Made(store.Backup(new BackupRequest(BackupPath), Cancel)));

        Assert.Equal(["a", "b"], StoredIds(BackupPath));
    }

    [Fact]
    public void A_name_that_is_taken_is_refused_unless_it_may_be_overwritten()
    {
        var store = Open();
        Add(store, "a");
        store.Backup(new BackupRequest(BackupPath), Cancel);
        Add(store, "b");

        Assert.Throws<TaskValidationException>(() => store.Backup(new BackupRequest(BackupPath), Cancel));
        Assert.Equal(["a"], StoredIds(BackupPath));

        store.Backup(new BackupRequest(BackupPath, Overwrite: true), Cancel);
        Assert.Equal(["a", "b"], StoredIds(BackupPath));
    }

    [Theory]
    [InlineData("-wal")]
    [InlineData("-journal")]
    public void A_name_beside_which_another_databases_log_lies_is_refused(string suffix)
    {
        var store = Open();
        Add(store, "a");
        File.WriteAllText(BackupPath + suffix, "left behind");

        Assert.Throws<TaskValidationException>(() => store.Backup(new BackupRequest(BackupPath, Overwrite: true), Cancel));

        Assert.False(File.Exists(BackupPath));
    }

    [Fact]
    public void A_backup_cannot_go_to_a_folder_a_missing_folder_or_the_queue_itself()
    {
        var store = Open();
        Add(store, "a");

        Assert.All(
            [Folder.Path, Folder["missing/backup.db"], QueuePath],
            path => Assert.Throws<TaskValidationException>(() => store.Backup(new BackupRequest(path, Overwrite: true), Cancel)));

        Assert.Equal(["a"], Ids(store));
    }

    [Fact]
    public void Reading_a_backup_leaves_no_files_beside_it()
    {
        var store = Open();
        Add(store, "a");
        store.Backup(new BackupRequest(BackupPath, IsAutomatic: true), Cancel);
        store.Dispose();
        var before = Hash(BackupPath);

        using (var backup = TaskStores.Open(BackupPath, Reading))
        {
            Assert.Equal(["a"], Ids(backup));
            Assert.Equal(["backup.db", "queue.db"], Folder.Names);
        }

        Assert.Equal(["backup.db", "queue.db"], Folder.Names);
        Assert.Equal(before, Hash(BackupPath));
    }

    [Fact]
    public void A_backup_is_a_queue_that_can_be_worked_on()
    {
        var store = Open();
        Add(store, "a");
        store.Backup(new BackupRequest(BackupPath), Cancel);

        using var backup = TaskStores.Open(BackupPath, Writing);
        Add(backup, "b");

        Assert.Equal("a", Assert.Single(backup.Claim(Request(), Cancel)).Id);
        Assert.Equal(["a"], Ids(store));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Only_a_backup_that_a_command_made_by_itself_is_marked_so(bool isAutomatic)
    {
        var store = Open();
        Add(store, "a");

        store.Backup(new BackupRequest(BackupPath, IsAutomatic: isAutomatic), Cancel);

        Assert.Equal(isAutomatic, SqliteBackup.IsAutomatic(BackupPath, QueuePath));
        Assert.False(SqliteBackup.IsAutomatic(QueuePath, QueuePath));
    }

    [Fact]
    public void A_queue_larger_than_the_free_space_is_refused_before_anything_is_copied()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "A file with holes larger than the disk is made here.");
        MakeQueue("a");
        var pages = (new DriveInfo(Folder.Path).AvailableFreeSpace / 4096) + 100_000;
        Assert.SkipWhen(pages > uint.MaxValue - 10, "The disk is larger than any database.");
        using (var file = File.OpenHandle(QueuePath, FileMode.Open, FileAccess.ReadWrite))
        {
            // The header's number of pages (offset 28) is believed while it fits the file's length.
            var count = new byte[4];
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(count, (uint)pages);
            RandomAccess.SetLength(file, pages * 4096);
            RandomAccess.Write(file, count, 28);
        }

        var store = Open(Reading);
        var error = Assert.Throws<QueueUnavailableException>(() => store.Backup(new BackupRequest(BackupPath), Cancel));

        Assert.Contains("disk has", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Folder.Names, name => name.StartsWith("backup", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cancelled_backup_ends_with_the_cancellation_and_leaves_no_file()
    {
        var store = Open();
        var data = $"\"{new string('x', 20_000)}\"";
        store.Enqueue([.. Enumerable.Range(0, 1500).Select(_ => new NewTask { Type = "work", DataJson = data })], Cancel);
        for (var milliseconds = 0; milliseconds <= 60; milliseconds += 4)
        {
            using var source = new CancellationTokenSource(milliseconds);
            var error = Record.Exception(() => store.Backup(new BackupRequest(BackupPath, Overwrite: true), source.Token));

            Assert.True(error is null or OperationCanceledException, error?.ToString());
            Assert.Equal(error is null, File.Exists(BackupPath));
            File.Delete(BackupPath);
            Assert.DoesNotContain(Folder.Names, name => name.StartsWith("backup", StringComparison.Ordinal));
        }
    }

    private static (string, string, long) Made(BackupResult result) => (result.Path, result.Queue, result.Tasks);
}
