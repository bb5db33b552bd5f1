using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A queue that another process keeps locked for longer than -Timeout.</summary>
public sealed class LockedQueueTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Changes_are_refused_and_nothing_is_changed_until_the_lock_is_gone(bool original)
    {
        using var session = original ? QueueSession.OfIncident() : new QueueSession();
        if (!original)
            session.AddRunning("stuck_0");
        session.Values<object>("Connect-TaskQueue $queue -Timeout 100ms", ("queue", session.Queue));
        var state = session.State;
        var files = session.Files;
        using (var other = ChildProcess.Start("hold-lock", session.Queue))
        {
            Assert.Equal("locked", other.ReadLine());
            AssertRefused(session, "New-QueueTask work", "NewQueueTask");
            AssertRefused(session, "Stop-QueueTask stuck_0 -Force", "StopQueueTask");
            AssertRefused(session, "Get-QueueTask stuck_0 | Remove-QueueTask -Force", "RemoveQueueTask");
            Assert.Equal(files, session.Files);
            // Its backup comes before the lock is met.
            AssertRefused(session, "Invoke-StuckTaskCleanup -NoBackup", "InvokeStuckTaskCleanup");
            Assert.Equal(files, session.Files);
            AssertRefused(session, "Invoke-StuckTaskCleanup", "InvokeStuckTaskCleanup");
            Assert.Equal(state, session.State);
            Assert.NotEmpty(session.Run("Invoke-StuckTaskCleanup -WhatIf").WhatIf);
            other.Finish();
        }

        Assert.NotEmpty(session.Values<object>("(Invoke-StuckTaskCleanup).Cleaned"));
        Assert.Contains("stuck_0=failed", session.State, StringComparison.Ordinal);
    }

    private static void AssertRefused(QueueSession session, string command, string name)
    {
        var result = session.Run(command);
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "QueueUnavailable", name, ErrorCategory.ResourceUnavailable, session.Queue);
        Assert.Contains("locked by another process for longer than 0.1s", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("-Timeout", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }
}
