using System.Management.Automation;

namespace TaskQueue.PowerShell.Tests;

public sealed class StopQueueTaskTests
{
    [Fact]
    public void Waiting_tasks_become_cancelled_and_nothing_is_written()
    {
        using QueueSession session = new();
        session.Add("a");
        session.Import("b", "retry");
        Assert.Empty(session.Values<object>("Get-QueueTask | Stop-QueueTask"));
        Assert.Equal("a=cancelled b=cancelled", session.State);
    }

    [Fact]
    public void Running_finished_and_unknown_ids_are_three_errors_and_the_good_ones_are_stopped()
    {
        using QueueSession session = new();
        session.Add("good 1", "good 2");
        session.AddRunning("busy", hours: 3.1);
        session.Import("done", "success");
        var result = session.Run("'good 1', 'busy', 'done', 'unknown', 'good 2' | Stop-QueueTask -PassThru");

        Assert.Null(result.Failure);
        Assert.Equal(["good 1", "good 2"], result.Output.Select(task => task.Properties["Id"].Value));
        Assert.Collection(
            result.Errors,
            error =>
            {
                ExpectedError.Is(error, "TaskStateInvalid", "StopQueueTask", ErrorCategory.InvalidOperation, "busy");
                Assert.Contains("running (3.1h)", error.ToString(), StringComparison.Ordinal);
                Assert.Contains("-Force", ExpectedError.Advice(error), StringComparison.Ordinal);
            },
            error =>
            {
                ExpectedError.Is(error, "TaskStateInvalid", "StopQueueTask", ErrorCategory.InvalidOperation, "done");
                Assert.Contains("is success", error.ToString(), StringComparison.Ordinal);
            },
            error => ExpectedError.Is(error, "TaskNotFound", "StopQueueTask", ErrorCategory.ObjectNotFound, "unknown"));
        Assert.Equal("good 1=cancelled good 2=cancelled busy=running done=success", session.State);
    }

    [Fact]
    public void The_target_of_an_error_is_the_task_that_was_piped()
    {
        using QueueSession session = new();
        session.AddRunning("busy");
        Assert.Equal("True", session.Value<string>(
            "$task = Get-QueueTask busy; $e = $task | Stop-QueueTask 2>&1; \"$($e.TargetObject -is [TaskQueue.QueueTask] -and "
                + "$e.TargetObject.Id -eq 'busy')\""));
    }

    [Fact]
    public void Force_makes_running_and_waiting_tasks_failed_with_the_original_words()
    {
        using QueueSession session = new();
        session.Add("waiting");
        session.AddRunning("busy");
        session.Import("done", "success");
        var result = session.Run("Get-QueueTask | Stop-QueueTask -Force -PassThru");
        Assert.Equal(
            ["Force cancelled by user", "Force cancelled by user"], result.Output.Select(task => task.Properties["ErrorMessage"].Value));
        ExpectedError.Is(Assert.Single(result.Errors), "TaskStateInvalid", "StopQueueTask", ErrorCategory.InvalidOperation, "done");
        Assert.Equal("waiting=failed busy=failed done=success", session.State);
        Assert.Equal(
            ["True", "True"], session.Values<string>("Get-QueueTask -Status Failed | ForEach-Object { \"$($null -ne $_.CompletedAt)\" }"));
    }

    [Fact]
    public void A_task_with_a_live_worker_is_stopped_by_force()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal("a", EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMinutes(5)));
        Assert.Contains("web01:4711", Assert.Single(session.Run("Stop-QueueTask a").Errors).ToString(), StringComparison.Ordinal);
        Assert.Empty(session.Values<object>("Get-QueueTask -Status Running | Stop-QueueTask -Force"));
        Assert.Equal("a=failed", session.State);
    }

    [Theory]
    [InlineData("Stop-QueueTask", "a=cancelled b=cancelled c=pending d=pending", "Stop")]
    [InlineData("Remove-QueueTask", "c=pending d=pending", "Remove")]
    public void The_first_task_beyond_the_limit_ends_the_command_and_earlier_ones_stay_done(string command, string state, string name)
    {
        using QueueSession session = new();
        session.Add("a", "b", "c", "d");
        var result = session.Run($"Get-QueueTask | {command} -MaxCount 2; 'next statement'");
        ExpectedError.Is(Assert.Single(result.Errors), "TooManyTasks", $"{name}QueueTask", ErrorCategory.LimitsExceeded, "c");
        Assert.Equal("next statement", Assert.Single(result.Output).ToString());
        Assert.Equal(state, session.State);
    }

    [Fact]
    public void As_many_tasks_as_the_limit_are_no_error()
    {
        using QueueSession session = new();
        session.Add("a", "b");
        Assert.Equal(["a", "b"], session.Values<string>("Get-QueueTask | Stop-QueueTask -MaxCount 2 -PassThru | ForEach-Object Id"));
    }

    [Theory]
    [InlineData("-WhatIf")]
    [InlineData("-Confirm")]
    public void Nobody_is_asked_about_the_task_beyond_the_limit(string option)
    {
        using QueueSession session = new(["n", "n"]);
        session.Add("a", "b", "c");
        var result = session.Run($"Get-QueueTask | Stop-QueueTask -MaxCount 2 {option}");
        ExpectedError.Is(Assert.Single(result.Errors), "TooManyTasks", "StopQueueTask", ErrorCategory.LimitsExceeded, "c");
        Assert.DoesNotContain("\"c\"", result.HostText, StringComparison.Ordinal);
        Assert.Contains("\"b\"", result.HostText, StringComparison.Ordinal);
        Assert.Equal("a=pending b=pending c=pending", session.State);
    }

    [Theory]
    [InlineData("Stop-QueueTask a", "cancel")]
    [InlineData("Stop-QueueTask a -Force", "force cancel")]
    [InlineData("Remove-QueueTask a", "remove")]
    [InlineData("Set-QueueTask a -Priority 1", "set")]
    public void The_reason_is_kept_with_who_did_what(string command, string kind)
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>($"{command} -Reason 'host was rebooted'");
        using var database = EngineReflection.OpenDatabase(session.Queue);
        Assert.Equal($"{kind}|host was rebooted|{Environment.UserName}|{command.Split(' ')[0]}", database.Execute(
            "SELECT kind || '|' || reason || '|' || user || '|' || command FROM operation ORDER BY rowid DESC LIMIT 1"));
    }

    [Fact]
    public void A_pipeline_is_one_operation_however_many_batches_it_has()
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        session.Values<object>("'a', 'b', 'c' | ForEach-Object { $_; [Threading.Thread]::Sleep(120) } | Stop-QueueTask");
        using var database = EngineReflection.OpenDatabase(session.Queue);
        Assert.Equal(1L, database.Execute("SELECT COUNT(*) FROM operation WHERE kind = 'cancel'"));
        Assert.Equal(3L, database.Execute("SELECT COUNT(*) FROM event WHERE kind = 'cancel'"));
    }
}
