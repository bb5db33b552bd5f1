namespace TaskQueue.PowerShell.Tests;

/// <summary>A queue with a past: <c>w</c> was set, then cancelled; <c>a</c>, <c>b</c> and <c>c</c> were stuck and cleaned up.</summary>
internal static class OperationSession
{
    public const string Cross =
        "function Cross { process { [System.Management.Automation.PSSerializer]::Deserialize(" +
        "[System.Management.Automation.PSSerializer]::Serialize($_)) } }; ";

    public static QueueSession Make(params string[] answers)
    {
        QueueSession session = new(answers);
        session.Add("w");
        foreach (var id in new[] { "a", "b", "c" })
            session.AddRunning(id);
        session.Values<object>(
            """
            Set-QueueTask w -Priority 1 -Reason urgent
            Stop-QueueTask w -Reason 'not needed'
            $report = Invoke-StuckTaskCleanup -NoBackup -Reason 'host was rebooted' -Confirm:$false
            """);
        return session;
    }
}
