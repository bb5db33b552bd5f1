using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

public sealed class WaitQueueTaskTests
{
    [Fact]
    public void Finished_tasks_are_written_and_unknown_ones_are_errors()
    {
        using QueueSession session = new();
        session.Import("a", "success");
        session.Import("b", "failed");
        session.Import("c", "cancelled");
        var result = session.Run("'a', 'none', 'b', 'c', 'a' | Wait-QueueTask");
        Assert.Equal(["a", "b", "c"], result.Output.Select(task => task.ToString()));
        ExpectedError.Is(Assert.Single(result.Errors), "TaskNotFound", "WaitQueueTask", ErrorCategory.ObjectNotFound, "none");
    }

    [Theory]
    [InlineData("Wait-QueueTask")]
    [InlineData("Get-QueueTaskHistory")]
    [InlineData("Stop-QueueTask")]
    public void Of_a_pattern_that_names_no_task_the_error_says_how_to_use_one(string command)
    {
        using QueueSession session = new();
        session.Import("it's 1", "success");
        var error = Assert.Single(session.Run($"{command} \"it's*\"").Errors);
        Assert.Equal(
            $"Ids are taken literally here; for a pattern use: Get-QueueTask -Id 'it''s*' | {command}", ExpectedError.Advice(error));
    }

    [Fact]
    public void Each_task_that_does_not_finish_in_time_is_an_error()
    {
        using QueueSession session = new();
        session.Import("done", "success");
        session.Add("a", "b");
        var result = session.Run("Get-QueueTask | Wait-QueueTask -Timeout 200ms");
        Assert.Equal("done", Assert.Single(result.Output).ToString());
        Assert.Collection(
            result.Errors,
            error => ExpectedError.Is(error, "TaskTimeout", "WaitQueueTask", ErrorCategory.OperationTimeout, "a"),
            error => ExpectedError.Is(error, "TaskTimeout", "WaitQueueTask", ErrorCategory.OperationTimeout, "b"));
    }

    [Fact]
    public void Any_returns_with_the_first()
    {
        using QueueSession session = new();
        session.Add("a");
        session.Import("b", "success");
        Assert.Equal(["b"], session.Values<string>("'a', 'b' | Wait-QueueTask -Any | ForEach-Object Id"));
    }

    [Theory]
    [InlineData("Stop-QueueTask a -Queue $other", "a", null)]
    [InlineData("Remove-QueueTask a -Queue $other", null, "TaskNotFound")]
    public async Task It_ends_when_another_session_ends_the_task(string command, string? written, string? error)
    {
        using QueueSession session = new();
        using QueueSession other = new();
        session.Add("a");
        var waiting = Task.Run(() => session.Run("Get-QueueTask a | Wait-QueueTask"));
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(300, TestContext.Current.CancellationToken)));
        other.Values<object>(command, ("other", session.Queue));
        var result = await waiting.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken);
        Assert.Equal(written, result.Output.SingleOrDefault()?.ToString());
        Assert.Equal(error, result.Errors.SingleOrDefault()?.FullyQualifiedErrorId.Split(',')[0]);
    }

    [Fact]
    public void It_serves_the_original_layout()
    {
        using var session = QueueSession.OfIncident();
        var result = session.Run(
            "Get-QueueTask -Queue $queue -Status Success -First 1 | Wait-QueueTask", ("queue", session.Queue));
        Assert.Single(result.Values<object>());
    }

    [Fact]
    public async Task Ctrl_C_ends_it()
    {
        using QueueSession session = new();
        session.Add("a");
        var waiting = Task.Run(() => session.Run("Wait-QueueTask a"));
        Assert.NotSame(waiting, await Task.WhenAny(waiting, Task.Delay(500, TestContext.Current.CancellationToken)));
        Assert.True(session.Module.RequestStop());
        Assert.Empty((await waiting.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken)).Output);
    }

    [Theory]
    [InlineData("-Wait")]
    [InlineData("-Force -Timeout 1s")]
    public void Waiting_for_a_stop_needs_the_force_that_stops(string parameters)
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run($"Stop-QueueTask a {parameters}").Errors);
        Assert.StartsWith("TaskInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void A_stop_that_no_worker_confirms_in_time_is_an_error_and_stays_done()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal("a", EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMinutes(5), Guid.NewGuid()));
        var error = Assert.Single(session.Run("Stop-QueueTask a -Force -Wait -Timeout 200ms").Errors);
        ExpectedError.Is(error, "TaskTimeout", "StopQueueTask", ErrorCategory.OperationTimeout, "a");
        Assert.Equal("a=failed", session.State);
    }

    [Fact]
    public void A_queue_that_is_gone_while_a_stop_is_waited_for_does_not_hide_that_the_task_was_stopped()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file cannot be moved there.");
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal("a", EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMinutes(5), Guid.NewGuid()));
        var result = session.Run(
            "Stop-QueueTask a -Force -Wait -PassThru | ForEach-Object { [IO.File]::Move($file, \"$file.moved\"); $_ }",
            ("file", session.Queue));
        Assert.Equal("failed", session.Value<string>("$stopped.StatusText", ("stopped", Assert.Single(result.Output))));
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "TaskTimeout", "StopQueueTask", ErrorCategory.OperationTimeout, "a");
        Assert.Contains("The queue could not be asked: ", error.ToString(), StringComparison.Ordinal);
    }
}
