using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>What backups of queues on servers are called, and where they go.</summary>
public sealed class ServerBackupNamingTests
{
    private static readonly DateTimeOffset Time = new(2025, 12, 19, 16, 54, 56, TimeSpan.Zero);

    [Theory]
    [InlineData("postgresql://ops@db01:5432/tasks", "tasks_backup_20251219_165456.db")]
    [InlineData("postgresql://ops@db01:5432/tasks?schema=jobs", "tasks_jobs_backup_20251219_165456.db")]
    [InlineData("postgresql://ops@db01:5432/my.tasks", "my.tasks_backup_20251219_165456.db")]
    [InlineData("postgresql://ops@db01:5432/..%2F..%2Fetc%5Cx%3A", ".._.._etc_x__backup_20251219_165456.db")]
    public void A_backup_is_called_after_the_database_and_the_schema(string queue, string name)
    {
        Assert.Equal(Path.Combine(BackupNaming.FolderForServers, name), BackupNaming.Resolve(queue, null, Time).Path);
        using var folder = new TemporaryFolder();
        var first = BackupNaming.Resolve(queue, folder.Path, Time).Path;
        Assert.Equal(folder[name], first);
        File.WriteAllText(first, "");
        Assert.Equal([first], BackupNaming.Existing(queue, folder.Path));
        Assert.Equal(folder[name.Replace(".db", "_2.db", StringComparison.Ordinal)], BackupNaming.Resolve(queue, folder.Path, Time).Path);
    }

    [Fact]
    public void The_folder_is_one_of_the_users_own_data() => Assert.Equal(
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "TaskQueue", "backups"),
        BackupNaming.FolderForServers);

    [Fact]
    public void Automatic_backups_belong_to_the_queue_whoever_made_them()
    {
        Assert.Equal(BackupMark.Of("postgresql://ops@db01:5432/tasks"), BackupMark.Of("postgresql://pia@DB01/tasks?schema=taskqueue"));
        Assert.NotEqual(BackupMark.Of("postgresql://ops@db01:5432/tasks"), BackupMark.Of("postgresql://ops@db01:5432/tasks?schema=jobs"));
        Assert.NotEqual(BackupMark.Of("postgresql://ops@db01:5432/tasks"), BackupMark.Of("postgresql://ops@db02:5432/tasks"));
    }
}
