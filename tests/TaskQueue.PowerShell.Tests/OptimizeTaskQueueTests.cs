using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class OptimizeTaskQueueTests
{
    [Fact]
    public void Space_that_removed_tasks_took_is_given_back()
    {
        using QueueSession session = new();
        session.Values<object>(
            "$text = 'x' * 20000; $null = 1..300 | ForEach-Object { @{ Data = @{ n = $_; text = $text } } } | New-QueueTask work");
        session.Values<object>("Get-QueueTask | Remove-QueueTask -NoUndo");
        var result = session.Run("$done = Optimize-TaskQueue; $done");
        Assert.Equal(session.Queue, session.Value<string>("$done.Queue"));
        Assert.Empty(result.Warnings);
        Assert.InRange(session.Value<long>("$done.BytesBefore"), 6_000_000, 50_000_000);
        Assert.InRange(session.Value<long>("$done.BytesAfter"), 1, 1_000_000);
        Assert.Equal("True", session.Value<string>("\"$($done.IsReclaimed)\""));
        session.Add("still-works");
        Assert.Equal("still-works=pending", session.State);
    }

    [Fact]
    public void Old_history_expires_and_young_history_stays()
    {
        using var session = OperationSession.Make();
        session.Values<object>("Remove-QueueTask w");
        Assert.Equal("0 0", session.Value<string>("$done = Optimize-TaskQueue; \"$($done.EventsExpired) $($done.RemovedExpired)\""));
        Assert.Equal(6, session.Values<PSObject>("Get-QueueTaskHistory").Count);
        Assert.Equal(
            "6 1",
            session.Value<string>(
                "$done = Optimize-TaskQueue -KeepEvents 0s -KeepRemoved 0s; \"$($done.EventsExpired) $($done.RemovedExpired)\""));
        Assert.Empty(session.Values<PSObject>("Get-QueueTaskHistory"));
        Assert.Equal("a=failed b=failed c=failed", session.State);
    }

    [Fact]
    public void A_dry_run_says_what_would_be_kept_and_changes_nothing()
    {
        using var session = OperationSession.Make();
        var result = session.Run("Optimize-TaskQueue -KeepEvents 0s -KeepRemoved 2d -WhatIf");
        Assert.Empty(result.Output);
        Assert.Equal(
            $"Performing the operation \"Optimize, keeping events for 0s and removed tasks for 48h\" on target \"{session.Queue}\".",
            Assert.Single(result.WhatIf));
        Assert.NotEmpty(session.Values<PSObject>("Get-QueueTaskHistory"));
    }

    [Fact]
    public void A_file_of_the_original_system_is_left_as_it_is_and_the_log_beside_it_expires()
    {
        using OriginalIncident incident = new(recorded: false);
        incident.Session.Values<object>("$null = Invoke-StuckTaskCleanup -NoBackup");
        var frame = incident.Frame;
        var rows = incident.Rows("SELECT * FROM task_queue ORDER BY id");
        var result = incident.Session.Run(
            "$done = Optimize-TaskQueue -KeepEvents 0s; \"$($done.EventsExpired) $($done.IsReclaimed)\"");
        Assert.Equal(["7 False"], result.Values<string>());
        Assert.Contains("original layout", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(frame, incident.Frame);
        Assert.Equal(rows, incident.Rows("SELECT * FROM task_queue ORDER BY id"));
    }

    [Fact]
    public void A_queue_that_is_not_there_is_an_error()
    {
        using QueueSession session = new();
        ExpectedError.Is(
            Assert.Single(session.Run("Optimize-TaskQueue -Queue $missing", ("missing", session.InFolder("missing.db"))).Errors),
            "QueueNotFound", "OptimizeTaskQueue", ErrorCategory.ObjectNotFound, session.InFolder("missing.db"));
    }
}
