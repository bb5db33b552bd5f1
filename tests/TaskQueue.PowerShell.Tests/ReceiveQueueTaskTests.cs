using System.Diagnostics;
using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A script that is its own worker.</summary>
public sealed class ReceiveQueueTaskTests
{
    private const string Crossed =
        "function Cross { process { [System.Management.Automation.PSSerializer]::Deserialize(" +
        "[System.Management.Automation.PSSerializer]::Serialize($_)) } }; ";

    [Theory]
    [InlineData("$task | Complete-QueueTask -Result @{ n = 1 }")]
    [InlineData("Complete-QueueTask $task -Result @{ n = 1 }")]
    [InlineData("Complete-QueueTask a -Result @{ n = 1 }")]
    [InlineData("'a' | Complete-QueueTask -Result @{ n = 1 }")]
    [InlineData("$task | Cross | Complete-QueueTask -Result @{ n = 1 }")]
    [InlineData(
        "[pscustomobject]@{ Id = $task.Id; ClaimToken = $task.ClaimToken; Queue = $task.Queue } | Complete-QueueTask -Result @{ n = 1 }")]
    public void A_received_task_is_completed_by_whatever_names_it(string complete)
    {
        using QueueSession session = new();
        session.Add("a", "b");
        Assert.Equal(["running 1 Session a"], session.Values<string>(
            "$task = Receive-QueueTask work; $worker = Get-QueueWorker; \"$($task.StatusText) $($task.Attempt) "
                + "$($worker.Kind) $($worker.Tasks)\""));
        Assert.Empty(session.Values<object>(Crossed + complete));
        Assert.Equal("{\"n\":1}", session.Value<string>("(Get-QueueTask a).ResultJson"));
        Assert.Equal("a=success b=pending", session.State);
    }

    [Fact]
    public void A_failed_task_is_tried_again_unless_that_is_of_no_use()
    {
        using QueueSession session = new();
        session.Add("again", "never");
        Assert.Equal(["again retry 1 broken", "never failed 0 broken"], session.Values<string>(
            """
            Receive-QueueTask work -First 2 | ForEach-Object {
                $_ | Complete-QueueTask -Status Failed -ErrorMessage broken -NoRetry:($_.Id -eq 'never') -PassThru
            } | ForEach-Object { "$($_.Id) $($_.StatusText) $($_.RetryCount) $($_.ErrorMessage)" }
            """));
    }

    [Theory]
    [InlineData("-ErrorMessage x")]
    [InlineData("-NoRetry")]
    [InlineData("-Status Failed -Result 1")]
    public void Success_and_failure_do_not_mix(string parameters)
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run($"Receive-QueueTask work | Complete-QueueTask {parameters}").Errors);
        Assert.StartsWith("TaskInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void A_task_of_the_same_id_in_another_queue_is_another_task()
    {
        using QueueSession session = new();
        session.Add("a");
        var other = session.AddQueue("other.db", "a");
        var result = session.Run(
            """
            $null = Receive-QueueTask work -Queue $other
            Complete-QueueTask a -Queue $queue
            Get-QueueTask a -Queue $queue | Complete-QueueTask
            [pscustomobject]@{ Id = 'a'; ClaimToken = (Get-QueueTask a -Queue $other).ClaimToken } | Complete-QueueTask -Queue $queue
            $null = Receive-QueueTask work
            Complete-QueueTask a -Result here
            Complete-QueueTask a -Result there
            """,
            ("other", other));
        Assert.Equal(3, result.Errors.Count);
        Assert.All(result.Errors, error => Assert.StartsWith("TaskStateInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Equal(["here", "there"], session.Values<string>("(Get-QueueTask a).Result; (Get-QueueTask a -Queue $other).Result"));
    }

    [Theory]
    [InlineData("Complete-QueueTask", "CompleteQueueTask")]
    [InlineData("Send-QueueTaskHeartbeat", "SendQueueTaskHeartbeat")]
    public void A_task_that_this_session_did_not_receive_is_refused(string command, string name)
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run($"{command} a").Errors);
        ExpectedError.Is(error, "TaskStateInvalid", name, ErrorCategory.InvalidOperation, "a");
        Assert.Contains("Receive-QueueTask", ExpectedError.Advice(error), StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_comes_after_a_stop_is_refused_and_kept_as_an_event()
    {
        using QueueSession session = new();
        session.Add("a");
        var result = session.Run(
            "$task = Receive-QueueTask work; Stop-QueueTask a -Force; $task | Complete-QueueTask -Result 42");
        var error = Assert.Single(result.Errors);
        ExpectedError.Is(error, "TaskStateInvalid", "CompleteQueueTask", ErrorCategory.InvalidOperation, "a");
        Assert.Contains("it is failed now", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("kept as an event", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("a=failed", session.State);
        using var database = EngineReflection.OpenDatabase(session.Queue);
        Assert.Equal(1L, database.Execute("SELECT COUNT(*) FROM event WHERE kind = 'late result'"));
    }

    [Fact]
    public void A_session_is_told_of_a_stop_and_the_stopper_learns_who_it_was()
    {
        using QueueSession session = new();
        session.Add("a");
        var result = session.Run("$task = Receive-QueueTask work; Stop-QueueTask a -Force -Wait -Timeout 3m");
        Assert.Empty(result.Values<object>());
        Assert.Contains("held by a session", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void Progress_is_proof_of_life()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal("40.5 rendering True", session.Value<string>(
            """
            $task = Receive-QueueTask work -LeaseTime 5m
            [Threading.Thread]::Sleep(20)
            $task | Send-QueueTaskHeartbeat -Progress 40.5 -Message rendering
            $now = Get-QueueTask a
            "$($now.Progress) $($now.ProgressMessage) $($now.LeaseExpiresAt -gt $task.LeaseExpiresAt)"
            """));
    }

    [Fact]
    public void A_short_lease_is_renewed_while_the_session_lives()
    {
        using QueueSession session = new();
        session.Add("a");
        Assert.Equal("running True", session.Value<string>(
            """
            $task = Receive-QueueTask work -LeaseTime 5s
            $until = [DateTime]::UtcNow.AddMinutes(3)
            do { [Threading.Thread]::Sleep(20); $now = Get-QueueTask a } until ($now.LeaseExpiresAt -gt $task.LeaseExpiresAt.AddSeconds(1) -or [DateTime]::UtcNow -gt $until)
            "$($now.StatusText) $($now.LeaseExpiresAt -gt $task.LeaseExpiresAt.AddSeconds(1))"
            """));
    }

    [Theory]
    [InlineData("Disconnect-TaskQueue")]
    [InlineData("Remove-Module TaskQueue")]
    public void What_is_not_completed_goes_back_when_the_session_ends(string end)
    {
        using QueueSession session = new();
        using QueueSession other = new();
        session.Add("a", "b");
        session.Values<object>($"$tasks = Receive-QueueTask work -First 2; $tasks[0] | Complete-QueueTask; {end}");
        Assert.Equal("a=success b=pending", other.StateOf(session.Queue));
        Assert.Empty(other.Values<object>("Get-QueueWorker -Queue $other", ("other", session.Queue)));
    }

    [Fact]
    public void A_closed_runspace_gives_back_what_it_received()
    {
        using QueueSession session = new();
        session.Add("a");
        using (ModuleSession other = new())
            Assert.Single(other.Run("Receive-QueueTask work -Queue $queue", ("queue", session.Queue)).Values<object>());
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void What_downstream_did_not_take_goes_back_at_once()
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        Assert.Equal("a", session.Value<string>("Receive-QueueTask work -First 3 | Select-Object -First 1 | ForEach-Object Id"));
        Assert.Equal("a=running b=pending c=pending", session.State);
    }

    [Fact]
    public async Task Waiting_ends_with_the_first_task()
    {
        using QueueSession session = new();
        using QueueSession other = new();
        var receiving = Task.Run(() => session.Run("(Receive-QueueTask work -Wait -First 5).Id"));
        Assert.NotSame(receiving, await Task.WhenAny(receiving, Task.Delay(300, TestContext.Current.CancellationToken)));
        other.Values<object>("$null = New-QueueTask work -Id late -Queue $other -Delay 300ms", ("other", session.Queue));
        var result = await receiving.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken);
        Assert.Equal(["late"], result.Values<string>());
    }

    [Fact]
    public void A_session_takes_back_what_a_dead_worker_elsewhere_held()
    {
        using QueueSession session = new();
        session.Add("a");
        using (var database = EngineReflection.OpenDatabase(session.Queue))
        {
            database.Execute(
                """
                UPDATE task
                SET status = 'running', ready = NULL, attempt = 1, claim_token = randomblob(16), worker = 'elsewhere:1', worker_id = randomblob(16),
                    started_at = created_at - 60000, begun_at = created_at - 60000, heartbeat_at = created_at - 60000, lease_expires_at = created_at - 59000
                """);
        }

        Assert.Equal(
            ["a 2 1"],
            session.Values<string>("Receive-QueueTask work -Wait | ForEach-Object { '{0} {1} {2}' -f $_.Id, $_.Attempt, $_.Recoveries }"));
    }

    [Fact]
    public void A_task_that_was_taken_back_twice_is_received_by_itself()
    {
        using QueueSession session = new();
        session.Add("a", "suspect", "c");
        using (var database = EngineReflection.OpenDatabase(session.Queue))
        {
            database.Execute("UPDATE task SET recovered_at = created_at || ',' || created_at WHERE id = 'suspect'");
        }

        Assert.Equal(["a c", "suspect", "True"], session.Values<string>(
            "(Receive-QueueTask work -First 3) -join ' '; (Receive-QueueTask work -First 3).Id; "
                + "($null -ne (Get-QueueTask suspect).BegunAt).ToString()"));
    }

    [Fact]
    public async Task Ctrl_C_ends_the_waiting()
    {
        using QueueSession session = new();
        var receiving = Task.Run(() => session.Run("Receive-QueueTask work -Wait"));
        Assert.NotSame(receiving, await Task.WhenAny(receiving, Task.Delay(500, TestContext.Current.CancellationToken)));
        Assert.True(session.Module.RequestStop());
        Assert.Empty((await receiving.WaitAsync(HangGuard.Longest, TestContext.Current.CancellationToken)).Output);
    }

    [Fact]
    public void A_session_that_is_asked_to_stop_takes_no_more_and_gives_back_under_force()
    {
        using QueueSession session = new();
        using QueueSession other = new();
        session.Add("a", "b");
        session.Values<object>("$null = Receive-QueueTask work");
        other.Values<object>("Get-QueueWorker -Queue $other | Stop-QueueWorker -Force", ("other", session.Queue));
        var clock = Stopwatch.StartNew();
        while (session.State != "a=pending b=pending")
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, HangGuard.Longest);

        var error = Assert.Single(session.Run("Receive-QueueTask work").Errors);
        Assert.Contains("Disconnect-TaskQueue", ExpectedError.Advice(error), StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_is_not_known_is_an_error_and_the_next_one_goes_on()
    {
        using QueueSession session = new();
        session.Add("a");
        var id = Guid.NewGuid().ToString();
        var result = session.Run(
            "$null = Receive-QueueTask work; $id, (Get-QueueWorker).Id | Stop-QueueWorker -WhatIf; $id | Get-QueueWorker", ("id", id));
        Assert.Collection(
            result.Errors,
            error => ExpectedError.Is(error, "WorkerNotFound", "StopQueueWorker", ErrorCategory.ObjectNotFound, id),
            error => ExpectedError.Is(error, "WorkerNotFound", "GetQueueWorker", ErrorCategory.ObjectNotFound, id));
        Assert.Single(result.WhatIf);
        Assert.Equal(["Working", "Working"], session.Values<string>(
            Crossed + "Get-QueueWorker | ForEach-Object State; Get-QueueWorker | Cross | Get-QueueWorker | ForEach-Object State"));
    }
}
