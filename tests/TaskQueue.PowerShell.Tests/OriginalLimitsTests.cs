using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What the original's layout has no place for.</summary>
public sealed class OriginalLimitsTests
{
    [Theory]
    [InlineData("New-QueueTask publish -Id new -Delay 1h", "NewQueueTask", "new")]
    [InlineData("New-QueueTask publish -Id new -DueAt 2030-01-01", "NewQueueTask", "new")]
    [InlineData("New-QueueTask publish -Id new -Timeout 1h", "NewQueueTask", "new")]
    [InlineData("Restart-QueueTask publish_batch_8 -Delay 1h", "RestartQueueTask", "publish_batch_8")]
    [InlineData("Set-QueueTask stuck_0 -DueAt 2030-01-01", "SetQueueTask", "stuck_0")]
    [InlineData(
        "[pscustomobject]@{ Id = 'new'; Type = 'publish'; Status = 'success' } | Import-QueueTask", "ImportQueueTask",
        "@{Id=new; Type=publish; Status=success}")]
    public void What_it_cannot_hold_is_refused_for_each_record_with_a_way_out_by_the_real_run_and_the_dry_run_alike(
        string command, string name, string target)
    {
        using OriginalIncident incident = new(recorded: false);
        var before = incident.Session.Fingerprint;
        foreach (var option in new[] { "", " -WhatIf" })
        {
            var result = incident.Session.Run(command + option);
            var error = Assert.Single(result.Errors);
            ExpectedError.Is(error, "NotSupportedByLayout", name, ErrorCategory.NotImplemented, target);
            Assert.Contains("Copy-TaskQueue", ExpectedError.Advice(error), StringComparison.Ordinal);
            Assert.Empty(result.Output);
            Assert.Empty(result.WhatIf);
        }

        Assert.Equal(before, incident.Session.Fingerprint);
    }

    [Fact]
    public void A_record_it_cannot_hold_does_not_take_the_others_of_its_batch_with_it()
    {
        using OriginalIncident incident = new(recorded: false);
        var result = incident.Session.Run(
            """
            [pscustomobject]@{ Id = 'first'; Data = 1 }, [pscustomobject]@{ Id = 'late'; Data = 2; Delay = '1h' }, [pscustomobject]@{ Id = 'last'; Data = 3 } |
                New-QueueTask publish | ForEach-Object Id
            """);
        Assert.Equal(["first", "last"], result.Output.Select(id => id.ToString()));
        ExpectedError.Is(
            Assert.Single(result.Errors), "NotSupportedByLayout", "NewQueueTask", ErrorCategory.NotImplemented,
            "@{Id=late; Data=2; Delay=1h}");
        Assert.Equal(["'first'", "'last'"], incident.Rows("SELECT task_id FROM task_queue WHERE status = 'pending' ORDER BY id"));
    }

    [Fact]
    public void Tasks_of_another_queue_are_not_copied_into_it()
    {
        using OriginalIncident incident = new(recorded: false);
        using QueueSession own = new();
        own.Add("a");
        var before = incident.Session.Fingerprint;
        var result = own.Run("Copy-TaskQueue -Destination $original", ("original", incident.Session.Queue));
        ExpectedError.Is(
            Assert.Single(result.Errors), "NotSupportedByLayout", "CopyTaskQueue", ErrorCategory.NotImplemented, incident.Session.Queue);
        Assert.Equal(before, incident.Session.Fingerprint);
    }
}
