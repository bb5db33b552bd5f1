using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What the original's service leaves when it is killed in the middle of a write: half of it is in the file.</summary>
public sealed class HotJournalTests
{
    private const string Before = "failed 6, running 8, success 41";

    [Theory]
    [InlineData(false, "Get-QueueTask", "GetQueueTask")]
    [InlineData(true, "Get-QueueTask", "GetQueueTask")]
    [InlineData(false, "Invoke-StuckTaskCleanup -WhatIf", "InvokeStuckTaskCleanup")]
    [InlineData(true, "Invoke-StuckTaskCleanup -WhatIf", "InvokeStuckTaskCleanup")]
    [InlineData(false, "Stop-QueueTask stuck_0 -Force -WhatIf", "StopQueueTask")]
    [InlineData(true, "Stop-QueueTask stuck_0 -Force -WhatIf", "StopQueueTask")]
    [InlineData(false, "Copy-TaskQueue -Destination $new", "CopyTaskQueue")]
    [InlineData(true, "Copy-TaskQueue -Destination $new", "CopyTaskQueue")]
    public void A_command_that_only_reads_reports_it_and_changes_nothing_until_one_that_writes_recovers(
        bool connected, string command, string name)
    {
        using var incident = Killed(connected);
        var session = incident.Session;
        var left = session.Fingerprint;
        Assert.Contains("task_queue.db-journal", left, StringComparison.Ordinal);

        var result = session.Run($"{command} -Queue $queue", ("new", session.InFolder("new.db")));
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "QueueNeedsRecovery", name, ErrorCategory.ResourceUnavailable, session.Queue);
        Assert.Contains("Backup-TaskQueue", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Empty(result.WhatIf);
        Assert.Equal(left, session.Fingerprint);

        var backup = session.Value<string>("(Backup-TaskQueue -Queue $queue).Path");
        Assert.Equal("55", session.Value<string>("\"$(@(Get-QueueTask -Queue $queue).Count)\""));
        Assert.Equal(["task_queue.db", Path.GetFileName(backup)], session.Files);
        AssertWhole(incident, backup);
        AssertWhole(incident, session.Queue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_cleanup_recovers_by_itself_before_it_judges(bool connected)
    {
        using var incident = Killed(connected);
        var report = incident.Session.Value<PSObject>("Invoke-StuckTaskCleanup -Queue $queue");
        Assert.Equal("7", incident.Session.Value<string>("\"$($report.Cleaned.Count)\"", ("report", report)));
        AssertWhole(incident, (string)report.Properties["BackupPath"].Value);
        Assert.Equal("failed 13, running 1, success 41", incident.Counts());
        incident.AssertIntact(incident.Session.Queue);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stop_recovers_by_itself_too(bool connected)
    {
        using var incident = Killed(connected);
        Assert.Empty(incident.Session.Values<object>("Stop-QueueTask stuck_0 -Force -Queue $queue"));
        Assert.Equal("failed 7, running 7, success 41", incident.Counts());
        incident.AssertIntact(incident.Session.Queue);
    }

    private static void AssertWhole(OriginalIncident incident, string path)
    {
        Assert.Equal(Before, incident.Counts(path));
        incident.AssertIntact(path);
    }

    private static OriginalIncident Killed(bool connected)
    {
        OriginalIncident incident = new(recorded: false);
        if (!connected)
            incident.Session.Values<object>("Disconnect-TaskQueue");
        using var service = ChildProcess.Start("write-until-killed", incident.Session.Queue);
        Assert.Equal("written", service.ReadLine());
        service.Kill();
        return incident;
    }
}
