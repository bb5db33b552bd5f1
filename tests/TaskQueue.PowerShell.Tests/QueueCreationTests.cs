using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Nothing makes a queue by accident.</summary>
public sealed class QueueCreationTests
{
    [Theory]
    [InlineData("Get-QueueTask", "GetQueueTask")]
    [InlineData("Get-QueueTask -Stuck", "GetQueueTask")]
    [InlineData("New-QueueTask work", "NewQueueTask")]
    [InlineData("Stop-QueueTask a", "StopQueueTask")]
    [InlineData("Restart-QueueTask a", "RestartQueueTask")]
    [InlineData("Remove-QueueTask a", "RemoveQueueTask")]
    [InlineData("Set-QueueTask a -Priority 1", "SetQueueTask")]
    [InlineData("Import-QueueTask @{ Type = 'work'; Status = 'pending' }", "ImportQueueTask")]
    [InlineData("Invoke-StuckTaskCleanup", "InvokeStuckTaskCleanup")]
    [InlineData("Measure-TaskQueue", "MeasureTaskQueue")]
    [InlineData("Backup-TaskQueue", "BackupTaskQueue")]
    [InlineData("Copy-TaskQueue -Destination $queue", "CopyTaskQueue")]
    [InlineData("Connect-TaskQueue", "ConnectTaskQueue")]
    public void A_queue_that_is_not_there_is_an_error_that_says_how_to_make_one(string command, string name)
    {
        using QueueSession session = new();
        var missing = session.InFolder("missing.db");
        var result = session.Run($"{command} -Queue $missing", ("missing", missing), ("queue", session.Queue));

        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "QueueNotFound", name, ErrorCategory.ObjectNotFound, missing);
        Assert.Contains(missing, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Connect-TaskQueue", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Contains("-Create", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void Create_makes_the_folder_and_the_queue_for_their_owner_only()
    {
        using QueueSession session = new();
        var path = Path.Combine(session.Folder, "new", "deep", "queue.db");
        Assert.Equal(path, session.Value<string>("(Connect-TaskQueue $path -Create).Queue", ("path", path)));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Create_connects_to_a_queue_that_is_there_without_asking()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal("1", session.Value<string>("(Connect-TaskQueue $queue -Create -Confirm).Tasks", ("queue", session.Queue)));
    }

    [Fact]
    public void Create_with_what_if_makes_nothing_and_keeps_the_connection()
    {
        using QueueSession session = new();
        var result = session.Run("Connect-TaskQueue $path -Create -WhatIf", ("path", session.InFolder("new.db")));
        Assert.Empty(result.Values<PSObject>());
        Assert.Contains("Create task queue", Assert.Single(result.WhatIf), StringComparison.Ordinal);
        Assert.Equal(["tasks.db"], session.Files);
        Assert.Equal(session.Queue, session.Value<string>("(Get-TaskQueueConnection).Queue"));
    }

    [Fact]
    public void Create_with_what_if_leaves_an_empty_file_empty()
    {
        using QueueSession session = new();
        var path = session.InFolder("empty.db");
        File.WriteAllText(path, "");
        Assert.Single(session.Run("Connect-TaskQueue $path -Create -WhatIf", ("path", path)).WhatIf);
        Assert.Equal(0, new FileInfo(path).Length);
        Assert.Equal(path, session.Value<string>("(Connect-TaskQueue $path -Create).Queue", ("path", path)));
    }

    [Fact]
    public void Connecting_goes_on_under_what_if()
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db");
        Assert.Equal(other, session.Value<string>("(Connect-TaskQueue $other -WhatIf).Queue", ("other", other)));
    }

    [Theory]
    [InlineData("Copy-TaskQueue -Destination $target -WhatIf")]
    [InlineData("Backup-TaskQueue -DestinationPath $target -WhatIf")]
    public void A_target_is_not_made_by_a_dry_run(string command)
    {
        using QueueSession session = new();
        session.Add("a");
        var result = session.Run(command, ("target", session.InFolder("target.db")));
        Assert.Empty(result.Values<PSObject>());
        Assert.Single(result.WhatIf);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void Connection_settings_are_kept()
    {
        using QueueSession session = new();
        Assert.Equal(
            ["SQLite", "TaskQueue", "Normal", "00:00:03", "True", "0"],
            session.Values<string>(
                """
                $c = Connect-TaskQueue $queue -Durability Normal -Timeout 3s
                $c.Kind; "$($c.Layout)"; "$($c.Durability)"; "$($c.Timeout)"; "$($c.IsReachable)"; "$($c.Tasks)"
                """,
                ("queue", session.Queue)));
    }

    [Theory]
    [InlineData("15:00")]
    [InlineData("-14:01")]
    [InlineData("8")]
    [InlineData("8h")]
    public void An_offset_that_no_clock_has_is_refused(string offset)
    {
        using QueueSession session = new();
        var result = session.Run($"Connect-TaskQueue $queue -UtcOffset {offset}", ("queue", session.Queue));
        var error = Assert.Single(result.Errors);
        Assert.StartsWith("CannotConvertArgument", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("00", error.Exception.Message, StringComparison.Ordinal);
    }
}
