using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>The backup a cleanup makes first.</summary>
public sealed class CleanupBackupTests
{
    [Fact]
    public void The_backup_lies_beside_the_queue_and_holds_the_state_before()
    {
        using var session = Running("a");
        var path = session.Value<string>("(Invoke-StuckTaskCleanup).BackupPath");
        Assert.Matches("^tasks_backup_[0-9]{8}_[0-9]{6}\\.db$", Path.GetFileName(path));
        Assert.Equal(session.Folder, Path.GetDirectoryName(path));
        Assert.Equal("a=running", session.StateOf(path));
        Assert.Equal("a=failed", session.State);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void No_backup_is_made_when_it_is_waived()
    {
        using var session = Running("a");
        Assert.Equal("True", session.Value<string>("\"$($null -eq (Invoke-StuckTaskCleanup -NoBackup).BackupPath)\""));
        Assert.Equal(["tasks.db"], session.Files);
        Assert.Equal("a=failed", session.State);
    }

    [Fact]
    public void The_backup_goes_to_the_file_that_is_named_from_the_location_of_PowerShell()
    {
        using var session = Running("a");
        Assert.Equal(session.InFolder("mine.db"), session.Value<string>(
            "$ExecutionContext.SessionState.Path.SetLocation($folder) | ForEach-Object { }; "
                + "(Invoke-StuckTaskCleanup -BackupPath mine.db).BackupPath",
            ("folder", session.Folder)));
        Assert.Equal(["mine.db", "tasks.db"], session.Files);
    }

    [Fact]
    public void The_backup_goes_to_the_folder_that_is_named()
    {
        using var session = Running("a");
        var folder = Directory.CreateDirectory(session.InFolder("backups")).FullName;
        var path = session.Value<string>("(Invoke-StuckTaskCleanup -BackupPath $folder).BackupPath", ("folder", folder));
        Assert.Equal(folder, Path.GetDirectoryName(path));
        Assert.StartsWith("tasks_backup_", Path.GetFileName(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tasks.db", "the queue itself|there already")]
    [InlineData("taken.db", "there already")]
    [InlineData("no-such-folder/backup.db", "does not exist")]
    public void A_backup_that_cannot_be_made_changes_nothing(string name, string message)
    {
        using var session = Running("a");
        File.WriteAllText(session.InFolder("taken.db"), "precious");
        var result = session.Run("Invoke-StuckTaskCleanup -BackupPath $path", ("path", session.InFolder(name)));
        ExpectedError.Is(
            Assert.Single(result.Errors), "TaskInvalid", "InvokeStuckTaskCleanup", ErrorCategory.InvalidArgument, session.Queue);
        Assert.Matches(message, result.Errors[0].ToString());
        Assert.Empty(result.Output);
        Assert.Equal("a=running", session.State);
        Assert.Equal("precious", File.ReadAllText(session.InFolder("taken.db")));
        Assert.Equal(["taken.db", "tasks.db"], session.Files);
    }

    [Fact]
    public void The_oldest_automatic_backups_go_and_files_without_our_mark_never()
    {
        using var session = Running("a", "b", "c", "d");
        // Older than all by their names: a person's file, and a backup that somebody asked for.
        File.WriteAllText(session.InFolder("tasks_backup_20200101_000000.db"), "not ours");
        session.Values<object>("Backup-TaskQueue -DestinationPath $path", ("path", session.InFolder("tasks_backup_20200102_000000.db")));
        string[] made =
        [
            .. "abcd".Select(id => session.Value<string>(
                $"(Invoke-StuckTaskCleanup -Type type-{id} -KeepBackups 2).BackupPath")),
        ];
        Assert.Equal(
            [
                "tasks.db", "tasks_backup_20200101_000000.db", "tasks_backup_20200102_000000.db",
                .. made[2..].Select(path => Path.GetFileName(path)),
            ],
            session.Files);
        Assert.Equal("not ours", File.ReadAllText(session.InFolder("tasks_backup_20200101_000000.db")));
    }

    [Theory]
    [InlineData("Continue")]
    [InlineData("Stop")]
    public void An_old_backup_that_cannot_be_deleted_is_a_warning_and_the_report_is_written(string action)
    {
        using var session = Running("a", "b");
        var old = session.Value<string>("(Invoke-StuckTaskCleanup -Type type-a).BackupPath");
        using UndeletableFile held = new(old);
        var result = session.Run(
            "Invoke-StuckTaskCleanup -Type type-b -KeepBackups 1 -WarningAction $action | ForEach-Object { $_ }", ("action", action));
        var report = Assert.Single(result.Output);
        var warning = session.Value<string>("\"$($report.Warnings)\"", ("report", report));
        Assert.StartsWith($"The old backup '{Path.GetFileName(old)}' could not be deleted", warning, StringComparison.Ordinal);
        Assert.Contains($"  warning    The old backup '{Path.GetFileName(old)}'", report.ToString(), StringComparison.Ordinal);
        if (action == "Continue")
            Assert.Equal(warning, Assert.Single(result.Warnings));
        Assert.Equal("a=failed b=failed", session.State);
        session.Values<object>("$null = $report | Undo-QueueOperation");
        Assert.Equal("a=failed b=running", session.State);
    }

    [Fact]
    public void Ten_automatic_backups_are_kept_by_default()
    {
        using var session = Running("a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l");
        session.Values<object>("Get-QueueTask | ForEach-Object { Invoke-StuckTaskCleanup -Type $_.Type } | ForEach-Object { }");
        Assert.Equal(1 + 10, session.Files.Count);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    public void To_keep_no_backup_is_refused(string count)
    {
        using var session = Running("a");
        Assert.StartsWith(
            "ParameterArgumentValidationError,",
            Assert.Single(session.Run($"Invoke-StuckTaskCleanup -KeepBackups {count}").Errors).FullyQualifiedErrorId,
            StringComparison.Ordinal);
        Assert.Equal("a=running", session.State);
    }

    private static QueueSession Running(params string[] ids)
    {
        QueueSession session = new();
        foreach (var id in ids)
            session.AddRunning(id, type: $"type-{id}");
        return session;
    }
}
