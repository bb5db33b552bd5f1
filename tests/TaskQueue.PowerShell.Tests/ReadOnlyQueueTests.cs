using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Queues whose file is write-protected.</summary>
public sealed class ReadOnlyQueueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_read_only_queue_can_be_looked_at_and_backed_up_and_every_change_is_refused_without_leaving_a_file(bool original)
    {
        using var session = original ? QueueSession.OfIncident() : new QueueSession();
        if (!original)
        {
            session.AddRunning("stuck_0");
            session.Values<object>("Disconnect-TaskQueue");
        }

        var state = session.State;
        var files = session.Files;
        File.SetAttributes(session.Queue, FileAttributes.ReadOnly);
        try
        {
            foreach (var connect in new[] { "Disconnect-TaskQueue", "Connect-TaskQueue $queue" })
            {
                session.Run(connect, ("queue", session.Queue));
                AssertRefused(session, "New-QueueTask work -Queue $queue", "NewQueueTask");
                AssertRefused(session, "Get-QueueTask stuck_0 -Queue $queue | Stop-QueueTask -Force", "StopQueueTask");
                AssertRefused(session, "Remove-QueueTask stuck_0 -Force -Queue $queue", "RemoveQueueTask");
                AssertRefused(session, "Invoke-StuckTaskCleanup -Queue $queue", "InvokeStuckTaskCleanup");
                Assert.NotEmpty(session.Run("Invoke-StuckTaskCleanup -Queue $queue -WhatIf").WhatIf);
                Assert.Equal(state, session.State);
                Assert.Equal(files, session.Files);
            }

            Assert.Equal(state, session.StateOf(session.Value<string>("(Backup-TaskQueue -Queue $queue).Path")));
        }
        finally
        {
            File.SetAttributes(session.Queue, FileAttributes.Normal);
        }
    }

    private static void AssertRefused(QueueSession session, string command, string name)
    {
        var result = session.Run(command);
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "QueueUnavailable", name, ErrorCategory.ResourceUnavailable, session.Queue);
        Assert.Contains("read-only", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("write access", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }
}
