using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

/// <summary>Restart-, Remove- and Set-QueueTask.</summary>
public sealed class ChangeQueueTaskTests
{
    [Fact]
    public void Finished_tasks_go_back_to_pending_with_a_clean_slate()
    {
        using QueueSession session = new();
        session.Values<object>(
            """
            foreach ($status in 'failed', 'cancelled', 'success') {
                @{ Id = $status; Type = 'work'; Status = $status; RetryCount = 2; Recoveries = 1; Attempt = 4; ErrorMessage = 'x'; Result = 1; CompletedAt = [DateTimeOffset]::UtcNow } |
                    Import-QueueTask
            }
            """);
        Assert.Equal(Enumerable.Repeat("pending 0 0 4   ", 3), session.Values<string>(
            """
            Get-QueueTask | Restart-QueueTask -PassThru |
                ForEach-Object { "$($_.StatusText) $($_.RetryCount) $($_.Recoveries) $($_.Attempt) $($_.ErrorMessage) $($_.ResultJson) $($_.CompletedAt)" }
            """));
    }

    [Fact]
    public void A_restart_waits_for_its_delay_and_writes_nothing_unless_asked()
    {
        using QueueSession session = new();
        session.Import("a", "failed");
        Assert.Empty(session.Values<object>("Restart-QueueTask a -Delay 2h"));
        Assert.Equal("02:00:00", session.Value<string>("$t = Get-QueueTask a; \"$($t.DueAt - $t.StateSince)\""));
    }

    [Fact]
    public void Only_finished_tasks_are_restarted()
    {
        using QueueSession session = new();
        session.Add("waiting");
        session.AddRunning("busy");
        session.Import("failed", "failed");
        var result = session.Run("'waiting', 'busy', 'failed', 'none' | Restart-QueueTask");
        Assert.Collection(
            result.Errors,
            error => ExpectedError.Is(error, "TaskStateInvalid", "RestartQueueTask", ErrorCategory.InvalidOperation, "waiting"),
            error =>
            {
                ExpectedError.Is(error, "TaskStateInvalid", "RestartQueueTask", ErrorCategory.InvalidOperation, "busy");
                Assert.Contains("Stop-QueueTask -Force", ExpectedError.Advice(error), StringComparison.Ordinal);
            },
            error => ExpectedError.Is(error, "TaskNotFound", "RestartQueueTask", ErrorCategory.ObjectNotFound, "none"));
        Assert.Equal("waiting=pending busy=running failed=pending", session.State);
    }

    [Fact]
    public void Running_tasks_are_removed_by_force_only()
    {
        using QueueSession session = new();
        session.Add("waiting");
        session.AddRunning("busy");
        session.Import("done", "success");
        var result = session.Run("Get-QueueTask | Remove-QueueTask");
        ExpectedError.Is(Assert.Single(result.Errors), "TaskStateInvalid", "RemoveQueueTask", ErrorCategory.InvalidOperation, "busy");
        Assert.Contains("-Force", ExpectedError.Advice(result.Errors[0]), StringComparison.Ordinal);
        Assert.Empty(result.Output);
        Assert.Equal("busy=running", session.State);
        Assert.Empty(session.Values<object>("Remove-QueueTask busy -Force"));
        Assert.Equal("", session.State);
    }

    [Fact]
    public void The_retention_job_removes_what_finished_long_ago()
    {
        using QueueSession session = new();
        session.Values<object>(
            """
            foreach ($days in 40, 31, 29) {
                @{ Id = "d$days"; Type = 'work'; Status = 'success'; CompletedAt = [DateTimeOffset]::UtcNow.AddDays(-$days) } | Import-QueueTask
            }
            Get-QueueTask -Status Success -OlderThan 30d | Remove-QueueTask
            """);
        Assert.Equal("d29=success", session.State);
    }

    [Theory]
    [InlineData("", 1L)]
    [InlineData("-NoUndo", 0L)]
    public void A_removed_task_lies_in_the_trash_unless_that_is_waived(string option, long kept)
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>($"Remove-QueueTask a {option}");
        using var database = EngineReflection.OpenDatabase(session.Queue);
        Assert.Equal(kept, database.Execute("SELECT COUNT(*) FROM trash"));
    }

    [Fact]
    public void An_id_is_free_again_after_its_removal()
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>("Remove-QueueTask a");
        session.Add("a");
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void The_settings_that_are_given_change_and_the_others_stay()
    {
        using QueueSession session = new();
        session.Values<object>("New-QueueTask work @{ n = 1 } -Id a -Priority 3 -MaxRetries 4");
        Assert.Equal("1 4 {\"n\":1}", session.Value<string>(
            "Set-QueueTask a -Priority 1 -PassThru | ForEach-Object { \"$($_.Priority) $($_.MaxRetries) $($_.DataJson)\" }"));
        Assert.Equal("1 0 {\"n\":2} 2031", session.Value<string>(
            """
            Set-QueueTask a -MaxRetries 0 -Data @{ n = 2 } -DueAt 2031-05-05T00:00:00Z -PassThru |
                ForEach-Object { "$($_.Priority) $($_.MaxRetries) $($_.DataJson) $($_.DueAt.Year)" }
            """));
        Assert.Empty(session.Values<object>("Set-QueueTask a -Priority 2"));
    }

    [Theory]
    [InlineData("running")]
    [InlineData("success")]
    [InlineData("failed")]
    [InlineData("cancelled")]
    public void Only_waiting_tasks_are_changed(string status)
    {
        using QueueSession session = new();
        session.Import("a", status);
        var result = session.Run("Set-QueueTask a -Priority 1 -PassThru");
        ExpectedError.Is(Assert.Single(result.Errors), "TaskStateInvalid", "SetQueueTask", ErrorCategory.InvalidOperation, "a");
        Assert.Empty(result.Output);
    }

    [Fact]
    public void A_change_of_nothing_ends_the_command()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        var result = session.Run("'a', 'b' | Set-QueueTask");
        Assert.StartsWith("TaskInvalid,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
