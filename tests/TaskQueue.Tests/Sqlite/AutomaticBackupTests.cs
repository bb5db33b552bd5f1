using System.Globalization;
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
        File.SetLastWriteTimeUtc(ahead, DateTime.UtcNow.AddDays(-1));
        var made = backups.Make(null, Cancel);

        Assert.Equal([ahead], backups.Prune(made, keep: 1).Deleted);

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
        File.SetLastWriteTimeUtc(foreign, DateTime.UtcNow.AddDays(-1));
        File.SetLastWriteTimeUtc(manual, DateTime.UtcNow.AddDays(-1));
        var backups = new AutomaticBackups(store);

        Assert.Empty(backups.Prune(backups.Make(null, Cancel), keep: 1).Deleted);

        Assert.True(File.Exists(foreign) && File.Exists(manual));
    }

    [Fact]
    public void A_manual_backup_of_a_copied_automatic_one_does_not_pass_for_automatic()
    {
        var copy = Folder["copy.db"];
        File.Copy(new AutomaticBackups(Open()).Make(null, Cancel).Path, copy);
        using var copied = TaskStores.Open(copy, Writing);

        copied.Backup(new BackupRequest(Folder["copy_backup_20200101_000000.db"]), Cancel);
        File.SetLastWriteTimeUtc(Folder["copy_backup_20200101_000000.db"], DateTime.UtcNow.AddDays(-1));
        var backups = new AutomaticBackups(copied);

        Assert.Empty(backups.Prune(backups.Make(null, Cancel), keep: 1).Deleted);
    }

    [Fact]
    public void What_another_process_has_just_made_stays_whatever_the_number_and_goes_once_it_is_old()
    {
        var store = Open();
        store.Import([Stuck("other")], new ImportOptions { Running = RunningTasks.Keep }, Act("import"), Cancel);
        var child = Child("clean-up-at", QueuePath, "other", "1", DateTimeOffset.UtcNow.ToString("o", CultureInfo.InvariantCulture));
        child.ReadLine();
        child.SendLine();
        var others = child.ReadLine()["backup ".Length..];
        var backups = new AutomaticBackups(store);

        Assert.Empty(backups.Prune(backups.Make(null, Cancel), keep: 1).Deleted);

        Assert.True(File.Exists(others));
        File.SetLastWriteTimeUtc(others, DateTime.UtcNow.AddDays(-1));
        Assert.Contains(others, backups.Prune(backups.Make(null, Cancel), keep: 1).Deleted);
    }

    [Fact]
    public void What_a_command_beside_this_one_made_stays_and_goes_with_the_next_command()
    {
        var store = Open();
        var (first, second) = (new AutomaticBackups(store), new AutomaticBackups(store));
        var (firsts, seconds) = (first.Make(null, Cancel), second.Make(null, Cancel));

        Assert.Empty(first.Prune(firsts, keep: 1).Deleted);
        Assert.Empty(second.Prune(seconds, keep: 1).Deleted);

        var third = new AutomaticBackups(store);
        Assert.Equal([firsts.Path, seconds.Path], third.Prune(third.Make(null, Cancel), keep: 1).Deleted.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Commands_that_prune_the_same_files_at_the_same_time_do_not_get_into_each_others_way()
    {
        var store = Open();
        var old = Enumerable.Range(0, 12).Select(_ => new AutomaticBackups(store).Make(null, Cancel).Path).ToList();
        old.ForEach(path => File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-1)));

        var pruned = new PrunedBackups[6];
        Parallel.For(0, pruned.Length, new ParallelOptions { MaxDegreeOfParallelism = pruned.Length }, index =>
        {
            var backups = new AutomaticBackups(store);
            pruned[index] = backups.Prune(backups.Make(null, Cancel), keep: 1);
        });

        Assert.All(pruned, each => Assert.Empty(each.Warnings));
        Assert.DoesNotContain(old, File.Exists);
    }

    [Fact]
    public void An_old_backup_that_cannot_be_deleted_is_a_warning_and_the_others_go()
    {
        var store = Open();
        var backups = new AutomaticBackups(store);
        var old = Enumerable.Range(0, 3).Select(_ => backups.Make(null, Cancel).Path).ToList();
        old.ForEach(path => File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-1)));
        using var held = new UndeletableFile(old[1]);

        var pruned = backups.Prune(backups.Make(null, Cancel), keep: 1);

        Assert.Equal([old[0], old[2]], pruned.Deleted.Order(StringComparer.Ordinal));
        Assert.StartsWith(
            $"The old backup '{Path.GetFileName(old[1])}' could not be deleted: ", Assert.Single(pruned.Warnings),
            StringComparison.Ordinal);
        Assert.DoesNotContain(Folder.Path, pruned.Warnings[0], StringComparison.Ordinal);
        Assert.True(File.Exists(old[1]));
    }

    [Fact]
    public void A_folder_or_a_part_of_a_database_that_has_the_name_is_passed_by()
    {
        var store = Open();
        var name = BackupNaming.Resolve(QueuePath, null, store.Now.ToLocalTime()).Path;
        Directory.CreateDirectory(name);
        File.WriteAllText(BackupNaming.Next(name) + "-journal", "");

        var made = store.Backup(new BackupRequest(name, IsNumbered: true), Cancel);

        Assert.Equal(BackupNaming.Next(BackupNaming.Next(name)), made.Path);
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

    private static QueueTask Stuck(string type) => new()
    {
        Id = type,
        Type = type,
        Status = QueueTaskStatus.Running,
        StatusText = "running",
        StartedAt = DateTimeOffset.UtcNow.AddHours(-5),
        StateSince = DateTimeOffset.UtcNow.AddHours(-5),
        Queue = "elsewhere",
        Revision = "1",
    };

    [Fact]
    public void The_queue_is_not_replaced_through_a_linked_folder()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        var store = Open();
        var link = Folder["link"];
        Directory.CreateSymbolicLink(link, Folder.Path);

        Assert.True(TaskStores.SameQueue(QueuePath, Path.Combine(link, "queue.db")));
        Assert.Throws<TaskValidationException>(
            () => store.Backup(new BackupRequest(Path.Combine(link, "queue.db"), Overwrite: true), Cancel));
    }
}
