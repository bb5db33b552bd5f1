using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What Restore- and Copy-TaskQueue say of tasks that were running, and a queue that is lost.</summary>
public sealed class RestoreTaskQueueTests
{
    [Theory]
    [InlineData("", "pending")]
    [InlineData("-Running Fail", "failed")]
    public void A_restore_warns_of_tasks_that_were_running(string option, string state)
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        var result = session.Run($"Restore-TaskQueue -BackupPath $backup -Confirm:$false {option}", ("backup", backup));
        Assert.Contains($"1 task was running; it is {state} now", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(1L, Assert.Single(result.Values<PSObject>()).Properties["WasRunning"].Value);
        Assert.Equal($"busy={state}", session.State);
    }

    [Fact]
    public void A_restore_can_bring_running_tasks_back_to_be_judged_again()
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        var backup = session.Value<string>("(Invoke-StuckTaskCleanup).BackupPath");
        Assert.Equal("busy=failed", session.State);
        Assert.Empty(session.Run("Restore-TaskQueue -BackupPath $backup -Confirm:$false -Running Keep", ("backup", backup)).Errors);
        Assert.Equal("busy=running", session.State);
        Assert.Single(session.Values<PSObject>("Get-QueueTask -Stuck"));
    }

    [Fact]
    public void A_backup_down_the_pipeline_goes_back_to_the_queue_it_was_made_of()
    {
        using QueueSession session = new();
        session.Add("a");
        var other = session.AddQueue("other.db", "b");
        Assert.Equal([session.Queue, other], session.Values<string>(
            """
            $backups = @(Backup-TaskQueue; Backup-TaskQueue -Queue $other)
            Remove-QueueTask a; Remove-QueueTask b -Queue $other
            $backups | Restore-TaskQueue -Confirm:$false | ForEach-Object Queue
            """,
            ("other", other)));
        Assert.Equal("a=pending", session.State);
        Assert.Equal("b=pending", session.StateOf(other));
    }

    [Fact]
    public void A_backup_down_the_pipeline_goes_to_the_queue_that_is_named()
    {
        using QueueSession session = new();
        session.Add("a");
        var other = session.AddQueue("other.db", "b");
        session.Values<object>("Backup-TaskQueue | Restore-TaskQueue -Queue $other -Confirm:$false", ("other", other));
        Assert.Equal("a=pending", session.StateOf(other));
    }

    [Fact]
    public void A_cleanup_is_taken_back_by_its_backup()
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        session.Values<object>("Invoke-StuckTaskCleanup | Restore-TaskQueue -Running Keep -Confirm:$false");
        Assert.Equal("busy=running", session.State);
    }

    [Fact]
    public void One_running_task_is_told_as_one()
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        session.Add("a");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        Assert.Contains(
            "; 1 that was running becomes pending",
            Assert.Single(session.Run("Restore-TaskQueue -BackupPath $backup -WhatIf", ("backup", backup)).WhatIf),
            StringComparison.Ordinal);
        var held = session.Run(
            "$null = Receive-QueueTask work; Restore-TaskQueue -BackupPath $backup -Confirm:$false", ("backup", backup));
        Assert.StartsWith("Workers hold 1 running task, such as 'a' on ", Assert.Single(held.Errors).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_lost_queue_is_made_anew_from_its_backup()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        var lost = session.InFolder("lost.db");
        Assert.Single(session.Run("Restore-TaskQueue -Queue $lost -BackupPath $backup -WhatIf", ("lost", lost), ("backup", backup)).WhatIf);
        Assert.False(File.Exists(lost));
        var result = session.Value<PSObject>(
            "Restore-TaskQueue -Queue $lost -BackupPath $backup -Confirm:$false", ("lost", lost), ("backup", backup));
        Assert.Null(result.Properties["PreviousState"].Value);
        Assert.Equal("a=pending b=pending", session.StateOf(lost));
    }

    [Fact]
    public void A_backup_that_is_not_there_is_an_error_about_the_backup()
    {
        using QueueSession session = new();
        var missing = session.InFolder("nope.db");
        var result = session.Run("Restore-TaskQueue -BackupPath $missing -Confirm:$false", ("missing", missing));
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "QueueNotFound", "RestoreTaskQueue", ErrorCategory.ObjectNotFound, missing);
        Assert.Contains("no backup", error.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void A_copy_warns_of_tasks_that_were_running()
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        session.Import("done", "success");
        var result = session.Run("Copy-TaskQueue -Destination $target", ("target", session.InFolder("target.db")));
        Assert.Contains("1 task was running; it is pending now", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(1L, Assert.Single(result.Values<PSObject>()).Properties["WasRunning"].Value);
    }

    [Fact]
    public void A_null_down_the_pipeline_makes_no_task()
    {
        using QueueSession session = new();
        Assert.Empty(session.Values<PSObject>("$null | New-QueueTask work"));
        Assert.Equal("", session.State);
    }
}
