using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class AutomaticBackupTests : SqliteTestBase
{
    [Fact]
    public void The_newest_backups_by_writing_are_kept_whatever_their_names_say()
    {
        var backups = new AutomaticBackups(Open());
        var old = backups.Make(null, Cancel);
        // Made in a zone that was ahead: its name says later, though it was written earlier.
        var ahead = Path.Combine(Folder.Path, "queue_backup_20991231_235959.db");
        File.Move(old.Path, ahead);
        var made = backups.Make(null, Cancel);

        Assert.Equal([ahead], backups.Prune(made, keep: 1));

        Assert.True(File.Exists(made.Path));
    }

    [Fact]
    public void A_backup_of_another_queue_or_of_a_person_is_never_pruned()
    {
        var store = Open();
        using var other = TaskStores.Open(Folder["other.db"], Writing);
        var foreign = Folder["queue_backup_20200101_000000.db"];
        File.Move(new AutomaticBackups(other).Make(null, Cancel).Path, foreign);
        var manual = Folder["queue_backup_20200101_000001.db"];
        store.Backup(new BackupRequest(manual), Cancel);
        var backups = new AutomaticBackups(store);

        Assert.Empty(backups.Prune(backups.Make(null, Cancel), keep: 1));

        Assert.True(File.Exists(foreign) && File.Exists(manual));
    }

    [Fact]
    public void A_manual_backup_of_a_copied_automatic_one_does_not_pass_for_automatic()
    {
        var copy = Folder["copy.db"];
        File.Copy(new AutomaticBackups(Open()).Make(null, Cancel).Path, copy);
        using var copied = TaskStores.Open(copy, Writing);

        copied.Backup(new BackupRequest(Folder["copy_backup_20200101_000000.db"]), Cancel);
        var backups = new AutomaticBackups(copied);

        Assert.Empty(backups.Prune(backups.Make(null, Cancel), keep: 1));
    }

    [Theory]
    [InlineData("queue.db")]
    [InlineData("queue.db-wal")]
    [InlineData("queue.db-shm")]
    [InlineData("queue.db-journal")]
    [InlineData("queue_operations.db")]
    public void A_name_that_belongs_to_the_queue_is_refused(string name)
    {
        var store = Open();

        Assert.Throws<TaskValidationException>(() => store.Backup(new BackupRequest(Folder[name], Overwrite: true), Cancel));
    }

    [Fact]
    public void The_queue_is_not_replaced_through_a_linked_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var store = Open();
        var link = Folder["link"];
        Directory.CreateSymbolicLink(link, Folder.Path);

        Assert.True(TaskStores.SameQueue(QueuePath, Path.Combine(link, "queue.db")));
        Assert.Throws<TaskValidationException>(() => store.Backup(new BackupRequest(Path.Combine(link, "queue.db"), Overwrite: true), Cancel));
    }
}
