using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Files that are no queue, or none any more, given to every command that could harm them.</summary>
public sealed class UnusableQueueTests
{
    private const string Folder = "folder";
    private const string Empty = "empty";
    private const string Text = "text";
    private const string Beheaded = "beheaded";
    private const string Damaged = "damaged";
    private const string DamagedOriginal = "damaged-original";
    private const string Newer = "newer";

    private static readonly (string Command, string Name)[] Commands =
    [
        ("Connect-TaskQueue $bad", "ConnectTaskQueue"),
        ("Get-QueueTask -Queue $bad", "GetQueueTask"),
        ("Measure-TaskQueue -Queue $bad", "MeasureTaskQueue"),
        ("New-QueueTask work -Queue $bad", "NewQueueTask"),
        ("Stop-QueueTask a -Force -Queue $bad", "StopQueueTask"),
        ("Invoke-StuckTaskCleanup -Queue $bad", "InvokeStuckTaskCleanup"),
        ("Invoke-StuckTaskCleanup -Queue $bad -WhatIf", "InvokeStuckTaskCleanup"),
        ("Backup-TaskQueue -Queue $bad", "BackupTaskQueue"),
        ("Restore-TaskQueue -Queue $bad -BackupPath $good -Confirm:$false", "RestoreTaskQueue"),
        ("Restore-TaskQueue -Queue $good -BackupPath $bad -Confirm:$false", "RestoreTaskQueue"),
        ("Copy-TaskQueue -Queue $bad -Destination $new", "CopyTaskQueue"),
        ("Copy-TaskQueue -Queue $good -Destination $bad", "CopyTaskQueue"),
    ];

    [Theory]
    [InlineData(Folder, "it is a folder", "Check the path")]
    [InlineData(Empty, "the file is empty", "Check the path")]
    [InlineData(Text, "not a SQLite database", "Check the path")]
    [InlineData(Beheaded, "not a SQLite database", "Check the path")]
    [InlineData(Damaged, "is damaged", "Move the file aside")]
    [InlineData(DamagedOriginal, "is damaged", "Move the file aside")]
    [InlineData(Newer, "9999", "Update")]
    public void Each_command_says_what_is_wrong_and_what_to_do_and_changes_no_file(string kind, string message, string advice)
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>("Disconnect-TaskQueue");
        var bad = Make(session, kind);
        var before = Contents(session);
        var files = session.Files;
        Assert.All(Commands, tried =>
        {
            // There a copy makes its queue, as it does where no file is.
            if (kind is Empty && tried.Command.EndsWith("-Destination $bad", StringComparison.Ordinal))
                return;

            var result = session.Run(tried.Command, ("bad", bad), ("good", session.Queue), ("new", session.InFolder("new.db")));
            var error = Assert.Single(result.Errors);
            ExpectedError.Is(error, "QueueFormatInvalid", tried.Name, ErrorCategory.InvalidData, bad);
            Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
            Assert.Contains(advice, error + ExpectedError.Advice(error), StringComparison.Ordinal);
            Assert.Empty(result.Output);
            Assert.Equal(files, session.Files);
        });
        Assert.Equal(before, Contents(session));
        Assert.Equal("a=pending", session.State);
    }

    [Theory]
    [InlineData(Folder)]
    [InlineData(Text)]
    [InlineData(Beheaded)]
    [InlineData(Damaged)]
    [InlineData(DamagedOriginal)]
    [InlineData(Newer)]
    public void Create_does_not_make_a_queue_of_what_is_there(string kind)
    {
        using QueueSession session = new();
        session.Values<object>("Disconnect-TaskQueue");
        var bad = Make(session, kind);
        var before = Contents(session);
        ExpectedError.Is(
            Assert.Single(session.Run("Connect-TaskQueue $bad -Create", ("bad", bad)).Errors),
            "QueueFormatInvalid", "ConnectTaskQueue", ErrorCategory.InvalidData, bad);
        Assert.Equal(before, Contents(session));
    }

    [Theory]
    [InlineData(Damaged)]
    [InlineData(DamagedOriginal)]
    public void A_damaged_queue_that_is_moved_aside_comes_back_from_its_backup(string kind)
    {
        using QueueSession session = new();
        var queue = Make(session, kind, out var backup);
        File.Move(queue, session.InFolder("aside"));
        foreach (var sidecar in new[] { "-wal", "-shm" })
        {
            if (File.Exists(queue + sidecar))
                File.Move(queue + sidecar, session.InFolder("aside" + sidecar));
        }

        Assert.Single(session.Values<object>(
            "Restore-TaskQueue -Queue $queue -BackupPath $backup -Confirm:$false", ("queue", queue), ("backup", backup)));
        Assert.NotEmpty(session.Values<object>("Get-QueueTask -Queue $queue", ("queue", queue)));
        Assert.Single(session.Values<object>("New-QueueTask work -Id new -Queue $queue", ("queue", queue)));
    }

    private static string Make(QueueSession session, string kind) => Make(session, kind, out _);

    private static string Make(QueueSession session, string kind, out string backup)
    {
        var path = session.InFolder("bad.db");
        backup = session.InFolder("backup.db");
        switch (kind)
        {
            case Folder:
                Directory.CreateDirectory(path);
                break;
            case Empty:
                File.WriteAllText(path, "");
                break;
            case Text:
                File.WriteAllText(path, string.Concat(Enumerable.Repeat("Dear diary, no database today.\n", 100)));
                break;
            case Newer:
                session.AddQueue("bad.db", "a");
                using (var newer = EngineReflection.OpenDatabase(path))
                    newer.Execute("PRAGMA user_version = 10099");
                break;
            case DamagedOriginal:
                ChildProcess.Run("make-incident", path);
                ChildProcess.Run("sql", path, "UPDATE task_queue SET data = hex(zeroblob(2000))");
                break;
            default:
                session.AddQueue("bad.db");
                session.Values<object>(
                    "1..300 | ForEach-Object { @{ Data = 'x' * 1000 } } | New-QueueTask work -Queue $path | ForEach-Object { }",
                    ("path", path));
                break;
        }

        if (kind is Damaged or DamagedOriginal)
        {
            session.Values<object>("Backup-TaskQueue -Queue $path -DestinationPath $backup", ("path", path), ("backup", backup));
            ChildProcess.Run("overwrite", path, "60000", "100000");
        }

        if (kind is Beheaded)
            ChildProcess.Run("overwrite", path, "0", "100");
        return path;
    }

    /// <summary>Files and what is in them, without SQLite's sidecars: reading a queue in WAL mode may leave empty ones.</summary>
    private static string Contents(QueueSession session) => string.Join(
        '\n', session.Fingerprint.Split('\n').Where(line => !line.Contains(".db-", StringComparison.Ordinal)));
}
