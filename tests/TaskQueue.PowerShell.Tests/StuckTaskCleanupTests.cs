using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

public sealed class StuckTaskCleanupTests
{
    private const string Message = "Force terminated - stuck in running status";

    [Fact]
    public void Only_running_tasks_can_be_stuck()
    {
        using QueueSession session = new();
        session.AddRunning("a");
        Assert.Equal(
            "Only running tasks can be stuck.", Assert.Single(session.Run("Get-QueueTask -Stuck -Status Failed").Errors).ToString());
        Assert.Single(session.Values<object>("Get-QueueTask -Stuck -Status Failed, Running"));
    }

    [Fact]
    public void Old_running_tasks_become_failed_and_all_others_stay()
    {
        using var session = Stuck();
        var report = session.Value<PSObject>("Invoke-StuckTaskCleanup");
        Assert.Equal("waiting=pending silent=failed dead=failed young=running done=success", session.State);
        Assert.Equal([Message, Message], session.Values<string>("Get-QueueTask -Status Failed | ForEach-Object ErrorMessage"));

        Assert.Equal("silent,dead,young", Ids(session, report, "Found"));
        Assert.Equal("silent,dead", Ids(session, report, "Stuck"));
        Assert.Equal("silent,dead", Ids(session, report, "Cleaned"));
        Assert.Equal("young", Ids(session, report, "Skipped"));
        Assert.Equal("Silent,Dead,Healthy", session.Value<string>("$report.Found.Verdict -join ','", ("report", report)));
        Assert.Equal("3 0 1 2", session.Value<string>(
            "\"$($report.Before['running']) $($report.Before['failed'] ?? 0) $($report.After['running']) $($report.After['failed'])\"",
            ("report", report)));
        Assert.Equal(
            "dead dead dead",
            session.Value<string>("\"$($report.Found[1]) $($report.Stuck[1]) $($report.Cleaned[1])\"", ("report", report)));
        Assert.Equal(["True", "False", "01:00:00", "False"], session.Values<string>(
            "\"$($null -ne $report.OperationId)\"; \"$($report.IsPlanOnly)\"; \"$($report.MaxAge)\"; \"$($report.Requeue)\"",
            ("report", report)));
    }

    [Fact]
    public void Evidence_says_why()
    {
        using var session = Stuck();
        Assert.Equal(
            [
                "no heartbeat data; running 66.8 h; worker web01:4711",
                "lease expired 9.0 h ago, nothing says its worker lives; running 20.0 h; heartbeat 10.0 h ago",
            ],
            session.Values<string>("(Invoke-StuckTaskCleanup -WhatIf).Stuck | ForEach-Object Evidence"));
        Assert.Equal(["Silent", "Dead"], session.Values<string>("Get-QueueTask -Stuck | ForEach-Object { \"$($_.Verdict)\" }"));
    }

    [Fact]
    public void Requeued_tasks_are_pending_with_one_more_recovery()
    {
        using var session = Stuck();
        var result = session.Run("Invoke-StuckTaskCleanup -Requeue -Verbose");
        Assert.Empty(result.Errors);
        Assert.Equal("waiting=pending silent=pending dead=pending young=running done=success", session.State);
        Assert.Equal(["0", "1", "1"], session.Values<string>("Get-QueueTask -Status Pending | ForEach-Object { \"$($_.Recoveries)\" }"));
    }

    [Theory]
    [InlineData("pub*", "silent=failed dead=failed")]
    [InlineData("PUB*", "silent=failed dead=failed")]
    [InlineData("publish", "silent=failed dead=running")]
    [InlineData("Publish", "silent=running dead=running")]
    [InlineData("pub-two', 'publish", "silent=failed dead=failed")]
    public void Only_the_wanted_types_are_judged(string type, string state)
    {
        using QueueSession session = new();
        session.AddRunning("silent", type: "publish");
        session.AddRunning("dead", type: "pub-two");
        session.AddRunning("else", type: "import");
        session.Values<object>($"Invoke-StuckTaskCleanup -Type '{type}'");
        Assert.Equal(state + " else=running", session.State);
    }

    [Fact]
    public void A_task_with_a_live_worker_is_stopped_only_when_asked_for()
    {
        using QueueSession session = new();
        session.Add("slow");
        EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMinutes(10));
        Thread.Sleep(20);
        var spared = session.Value<PSObject>("Invoke-StuckTaskCleanup -MaxAge 10ms");
        Assert.Equal("slow", Ids(session, spared, "Skipped"));
        Assert.Equal("Slow: its worker lives: only with -IncludeLive", session.Value<string>(
            "\"$($report.Skipped[0].Verdict): $($report.Skipped[0].SkipReason)\"", ("report", spared)));
        Assert.Equal("slow=running", session.State);

        Assert.Equal("slow", Ids(session, session.Value<PSObject>("Invoke-StuckTaskCleanup -MaxAge 10ms -IncludeLive"), "Cleaned"));
        Assert.Equal("slow=failed", session.State);
    }

    [Fact]
    public void What_only_its_expired_lease_convicts_is_watched_first_by_a_dry_run_too()
    {
        using QueueSession session = new();
        session.Add("dead");
        EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMilliseconds(1));
        Thread.Sleep(20);
        var plan = session.Value<PSObject>("Invoke-StuckTaskCleanup -MaxAge 10ms -WhatIf");
        Assert.Equal("dead", Ids(session, plan, "Stuck"));
        Assert.EndsWith(
            "; not renewed while it was watched for 3s", session.Value<string>("$report.Stuck[0].Evidence", ("report", plan)),
            StringComparison.Ordinal);
        Assert.Equal("dead=running", session.State);

        Assert.Equal("dead", Ids(session, session.Value<PSObject>("Invoke-StuckTaskCleanup -MaxAge 10ms"), "Cleaned"));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_watching_and_changes_nothing()
    {
        using QueueSession session = new();
        session.Add("a");
        EngineReflection.Claim(session.Queue, "work", TimeSpan.FromHours(1));
        using (var database = EngineReflection.OpenDatabase(session.Queue))
        {
            database.Execute(
                "UPDATE task SET heartbeat_at = heartbeat_at - 7200000, lease_expires_at = lease_expires_at - 7200000, state_since "
                    + "= state_since - 7200000");
        }

        var watching = Task.Run(() => session.Run("Invoke-StuckTaskCleanup"));
        Assert.NotSame(watching, await Task.WhenAny(watching, Task.Delay(500, TestContext.Current.CancellationToken)));
        Assert.True(session.Module.RequestStop());
        Assert.Empty((await watching.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken)).Output);
        Assert.Equal("a=running", session.State);
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void Declined_tasks_are_reported_as_skipped()
    {
        using var session = Stuck("n", "y");
        var report = session.Value<PSObject>("Invoke-StuckTaskCleanup -Confirm");
        Assert.Equal("dead", Ids(session, report, "Cleaned"));
        Assert.Equal("young,silent", Ids(session, report, "Skipped"));
        Assert.Equal("declined", session.Value<string>("$report.Skipped[1].SkipReason", ("report", report)));
        Assert.Equal("waiting=pending silent=running dead=failed young=running done=success", session.State);
    }

    [Fact]
    public void With_all_declined_there_is_no_backup_and_no_operation()
    {
        using var session = Stuck("l");
        var report = session.Value<PSObject>("Invoke-StuckTaskCleanup -Confirm");
        AssertNothingDone(session, report);
        Assert.Equal("young,silent,dead", Ids(session, report, "Skipped"));
    }

    [Fact]
    public void With_nothing_stuck_there_is_no_backup_and_no_operation()
    {
        using QueueSession session = new();
        session.AddRunning("young", hours: 0.5);
        AssertNothingDone(session, session.Value<PSObject>("Invoke-StuckTaskCleanup"));
        Assert.Equal("young=running", session.State);
    }

    [Fact]
    public void More_stuck_tasks_than_allowed_change_nothing()
    {
        using var session = Stuck();
        var result = session.Run("Invoke-StuckTaskCleanup -MaxCount 1");
        ExpectedError.Is(
            Assert.Single(result.Errors), "TooManyTasks", "InvokeStuckTaskCleanup", ErrorCategory.LimitsExceeded, session.Queue);
        Assert.Empty(result.Output);
        Assert.Equal("waiting=pending silent=running dead=running young=running done=success", session.State);
        Assert.Equal(["tasks.db"], session.Files);
        Assert.Equal("2", session.Value<string>("(Invoke-StuckTaskCleanup -MaxCount 2).Cleaned.Count"));
    }

    [Fact]
    public void A_dry_run_names_what_the_real_run_does_and_writes_the_plan()
    {
        using var session = Stuck();
        var dry = session.Run("Invoke-StuckTaskCleanup -WhatIf");
        var plan = Assert.Single(dry.Output);
        Assert.Collection(
            dry.WhatIf,
            line => Assert.Equal("Performing the operation \"Stop stuck task (Silent, 66.8h)\" on target \"silent\".", line),
            line => Assert.Equal("Performing the operation \"Stop stuck task (Dead, 20.0h)\" on target \"dead\".", line));
        Assert.Equal("True", session.Value<string>("\"$($plan.IsPlanOnly)\"", ("plan", plan)));
        Assert.Empty(
            session.Values<object>(
                "$plan.Cleaned, $plan.After, $plan.BackupPath, $plan.OperationId | ForEach-Object { $_ } | Where-Object { $null -ne $_ }",
                ("plan", plan)));
        Assert.Equal(Ids(session, plan, "Stuck"), Ids(session, session.Value<PSObject>("Invoke-StuckTaskCleanup"), "Cleaned"));
    }

    [Theory]
    [InlineData("Invoke-StuckTaskCleanup -WhatIf -Queue $queue")]
    [InlineData("$WhatIfPreference = $true; Invoke-StuckTaskCleanup -Queue $queue")]
    [InlineData("Get-QueueTask -Queue $queue | Stop-QueueTask -Force -WhatIf -ErrorAction SilentlyContinue")]
    public void A_dry_run_leaves_every_byte_of_the_file_as_it_was(string command)
    {
        using var session = Stuck();
        session.Values<object>("Disconnect-TaskQueue");
        var before = ChildProcess.Run("hash", session.Queue);
        var result = session.Run(command, ("queue", session.Queue));
        Assert.Empty(result.Errors);
        Assert.NotEmpty(result.WhatIf);
        Assert.Equal(before, ChildProcess.Run("hash", session.Queue));
        Assert.Equal(["tasks.db"], session.Files);
    }

    [Fact]
    public void The_report_reads_as_text()
    {
        using var session = Stuck();
        var plan = session.Run("Invoke-StuckTaskCleanup -WhatIf | Out-Default").HostText;
        Assert.Contains("Stuck task cleanup, plan only: nothing was changed", plan, StringComparison.Ordinal);
        Assert.Matches(@"found +3 running", plan);
        Assert.Matches(@"stuck +2 \(limit 1h\) +would become failed", plan);

        var done = session.Run("Invoke-StuckTaskCleanup -Reason 'test' | Out-Default").HostText;
        Assert.Matches(@"stuck +2 \(limit 1h\) +2 stopped, now failed", done);
        Assert.Matches(@"skipped +1 younger than 1h", done);
        Assert.Matches(@"backup +tasks_backup_[0-9]{8}_[0-9]{6}\.db +[0-9]+ KB, verified", done);
        Assert.Matches(@"running +3 +1", done);
        Assert.Matches(@"total +5 +5", done);
        Assert.All((plan + done).Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 100));
    }

    private static QueueSession Stuck(params string[] answers)
    {
        QueueSession session = new(answers);
        session.Add("waiting");
        session.Values<object>(
            """
            $now = [DateTimeOffset]::UtcNow
            @{ Id = 'silent'; Type = 'publish'; Status = 'running'; StartedAt = $now.AddHours(-66.8); Worker = 'web01:4711' } | Import-QueueTask
            @{ Id = 'dead'; Type = 'publish'; Status = 'running'; StartedAt = $now.AddHours(-20); HeartbeatAt = $now.AddHours(-10)
               LeaseExpiresAt = $now.AddHours(-9) } | Import-QueueTask
            """);
        session.AddRunning("young", hours: 0.4);
        session.Import("done", "success");
        return session;
    }

    private static void AssertNothingDone(QueueSession session, PSObject report)
    {
        Assert.Empty(
            session.Values<object>(
                "$report.Cleaned, $report.BackupPath, $report.OperationId | ForEach-Object { $_ } | Where-Object { $null -ne $_ }",
                ("report", report)));
        Assert.Equal(["tasks.db"], session.Files);
    }

    private static string Ids(QueueSession session, PSObject report, string list) =>
        session.Value<string>("$report.$list.Id -join ','", ("report", report), ("list", list));
}
