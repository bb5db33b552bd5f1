using System.Diagnostics;
using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

public sealed class StartQueueWorkerTests
{
    [Theory]
    [InlineData("@{ work = '300ms' }")]
    [InlineData("300ms")]
    public void A_task_without_progress_beyond_the_limit_of_its_type_is_stalled_though_its_worker_lives(string timeout)
    {
        using QueueSession session = new();
        session.Add("a");
        var verdict = session.Value<string>(
            $$"""
            Start-QueueWorker -Drain -ProgressTimeout {{timeout}} -Handler @{ work = {
                $deadline = [DateTime]::UtcNow.AddMinutes(3)
                do { [Threading.Thread]::Sleep(50); $seen = Get-QueueTask $Task.Id } until ($seen.Verdict -eq 'Stalled' -or [DateTime]::UtcNow -gt $deadline)
                "$($seen.Verdict): $($seen.Evidence.Split(';')[0])"
            } } | ForEach-Object Result
            """);
        Assert.StartsWith("Stalled: no progress for", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Finished_tasks_are_written_and_failed_ones_are_tried_again()
    {
        using QueueSession session = new();
        Assert.Equal(["good success 1", "bad failed 3"], session.Values<string>(
            """
            $null = New-QueueTask good -Id good; $null = New-QueueTask bad -Id bad -MaxRetries 2
            Start-QueueWorker -MaxTasks 4 -Concurrency 1 -RetryDelay 10ms -Handler @{ good = { 1 }; bad = { throw 'no' } } |
                ForEach-Object { "$($_.Id) $($_.StatusText) $($_.Attempt)" }
            """));
    }

    [Fact]
    public void A_handler_can_rule_out_a_retry()
    {
        using QueueSession session = new();
        Assert.Equal("failed 0 no such customer", session.Value<string>(
            """
            $null = New-QueueTask mail -MaxRetries 5
            Start-QueueWorker -Drain -Handler @{ mail = { $TaskContext.FailWithoutRetry('no such customer') } } |
                ForEach-Object { "$($_.StatusText) $($_.RetryCount) $($_.ErrorMessage.Split("`n")[0])" }
            """));
    }

    [Fact]
    public void A_task_that_runs_longer_than_its_time_out_is_stopped()
    {
        using QueueSession session = new();
        var message = session.Value<string>(
            """
            $null = New-QueueTask slow -Timeout 1s -MaxRetries 0
            (Start-QueueWorker -Drain -GracePeriod 1s -Handler @{ slow = { while ($true) { [Threading.Thread]::Sleep(10) } } }).ErrorMessage
            """);
        Assert.StartsWith("Timed out", message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_script_serves_several_types_and_others_are_left_alone()
    {
        using QueueSession session = new();
        Assert.Equal(["a", "b"], session.Values<string>(
            """
            'a', 'b', 'c' | ForEach-Object { $null = New-QueueTask $_ -Id $_ }
            Start-QueueWorker -Drain -Concurrency 1 -Type a, b -Handler { $Task.Type } | ForEach-Object Result
            """));
        Assert.Equal("a=success b=success c=pending", session.State);
    }

    [Fact]
    public void A_program_gets_the_task_and_its_output_is_the_result()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program is a shell.");
        using QueueSession session = new();
        Assert.Equal(["success 5", "failed nothing to read"], session.Values<string>(
            """
            $null = New-QueueTask good @{ n = 5 }; $null = New-QueueTask bad -MaxRetries 0
            Start-QueueWorker -Drain -Type good -FilePath sh -ArgumentList '-c', 'read -r task; echo 5' | ForEach-Object { "$($_.StatusText) $($_.Result)" }
            Start-QueueWorker -Drain -Type bad -FilePath sh -ArgumentList '-c', 'echo nothing to read >&2; exit 3' |
                ForEach-Object { "$($_.StatusText) $($_.ErrorMessage -match 'nothing to read' | ForEach-Object { 'nothing to read' })" }
            """));
    }

    [Fact]
    public void Verbose_text_tells_of_each_failure_and_when_it_is_tried_again()
    {
        using QueueSession session = new();
        var result = session.Run(
            "$null = New-QueueTask bad -Id bad -MaxRetries 1; $null = Start-QueueWorker -MaxTasks 2 -RetryDelay 10ms -Verbose -Handler @{ "
                + "bad = { throw \"no`nmore\" } }");
        Assert.Collection(
            result.Verbose.Where(text => text.StartsWith("Task ", StringComparison.Ordinal)),
            text => Assert.Matches("^Task 'bad' failed, and is tried again at [0-9-]+ [0-9:]+ \\(retry 1 of 1\\): no$", text),
            text => Assert.Equal("Task 'bad' failed: no", text));
    }

    [Theory]
    [InlineData("'impotr', 'other' | ForEach-Object { $null = New-QueueTask $_ }", "'impotr', 'other'")]
    [InlineData("'impotr', 'import' | ForEach-Object { $null = New-QueueTask $_ }", null)]
    [InlineData("", null)]
    public void A_drain_that_took_nothing_names_the_types_that_wait(string make, string? types)
    {
        using QueueSession session = new();
        var result = session.Run($"{make}; Start-QueueWorker -Drain -Handler @{{ import = {{ }} }}");
        result.Values<object>();
        Assert.Equal(types is null ? 0 : 1, result.Warnings.Count);
        Assert.All(result.Warnings, warning => Assert.Contains($"wait: {types}.", warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Disconnect-TaskQueue")]
    [InlineData("$null = Connect-TaskQueue $other")]
    public void A_worker_works_on_whatever_its_output_is_used_for(string downstream)
    {
        using QueueSession session = new();
        session.Add("a", "b", "c");
        var other = session.AddQueue("other.db");
        Assert.Equal(["a", "b", "c"], session.Values<string>(
            $"Start-QueueWorker -Drain -Concurrency 1 -Handler @{{ work = {{ 1 }} }} | ForEach-Object {{ {downstream}; $_.Id }}; "
                + "$null = Connect-TaskQueue $here",
            ("other", other), ("here", session.Queue)));
        Assert.Equal("a=success b=success c=success", session.State);
    }

    [Fact]
    public void No_task_inherits_the_error_preference_or_exit_code_of_another()
    {
        using QueueSession session = new();
        Assert.Equal(["success", "failed", "success "], session.Values<string>(
            """
            $null = New-QueueTask spoil; $null = New-QueueTask fail -MaxRetries 0; $null = New-QueueTask tell
            Start-QueueWorker -Drain -Concurrency 1 -Handler @{
                spoil = { $global:ErrorActionPreference = 'SilentlyContinue'; $global:LASTEXITCODE = 7 }
                fail = { Get-QueueTask no-such-task; 'went on' }
                tell = { "$LASTEXITCODE" }
            } | ForEach-Object { "$($_.StatusText)$(if ($_.Type -eq 'tell') { " $($_.Result)" })" }
            """));
    }

    [Theory]
    [InlineData("Connect-TaskQueue $Task.Data")]
    [InlineData("Disconnect-TaskQueue")]
    [InlineData("Remove-Module TaskQueue")]
    [InlineData("Disconnect-TaskQueue; Remove-Module TaskQueue -Force")]
    public void Each_handler_begins_connected_to_its_workers_queue(string leave)
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db", "theirs");
        session.Values<object>(
            "$null = New-QueueTask leave $other; $null = New-QueueTask make; "
            + $"$null = Start-QueueWorker -Drain -Concurrency 1 -Handler @{{ leave = {{ {leave} }}; make = {{ $null = "
            + "New-QueueTask made -Id mine } }",
            ("other", other));
        Assert.Equal(["success", "success", "pending"], session.Values<string>("Get-QueueTask | ForEach-Object StatusText"));
        Assert.Equal("theirs=pending", session.StateOf(other));
    }

    [Theory]
    [InlineData("-Handler @{}", "-Handler holds no script block.")]
    [InlineData("-Handler @{ work = 'text' }", "The handler of the type 'work' is not a script block.")]
    [InlineData("-Handler { }", "It is not said which types the handler is for.")]
    [InlineData("-Handler @{ work = { } } -Type work", "The keys of -Handler name the types, so -Type cannot be given too.")]
    [InlineData("-Handler 12", "-Handler holds no script block.")]
    [InlineData("-Handler @{ '' = { } }", "A key of -Handler is empty.")]
    [InlineData("-Handler @{ work = { } } -Variable @{ '' = 1 }", "'' of -Variable is not the name of a variable.")]
    [InlineData("-Handler @{ work = { } } -Variable @{ 'env:PATH' = 1 }", "'env:PATH' of -Variable is not the name of a variable.")]
    [InlineData("-Handler @{ work = { $using:x } }", "-Handler reads $using:x, but it does not run in this session (line 1).")]
    [InlineData(
        "-Handler @{ work = { } } -InitializationScript { $using:x }",
        "-InitializationScript reads $using:x, but it does not run in this session (line 1).")]
    [InlineData("-Handler @{ work = { } } -LeaseTime 10ms", "LeaseTime is out of range.")]
    [InlineData("-FilePath no-such-program -Type work", "There is no program 'no-such-program'.")]
    [InlineData("-Handler (& { $both = @{ 1 = { } }; $both['1'] = { }; $both })", "-Handler has two handlers of the type '1'.")]
    [InlineData(
        "-Handler @{ work = { } } -ProgressTimeout @{ Work = '5m' }",
        "-ProgressTimeout has a time-out of the type 'Work', which has no handler here.")]
    [InlineData(
        "-FilePath dotnet -Type work -ProgressTimeout @{ wrok = '5m' }",
        "-ProgressTimeout has a time-out of the type 'wrok', which has no handler here.")]
    [InlineData(
        "-Handler @{ 1 = { } } -ProgressTimeout (& { $both = @{ 1 = '5m' }; $both['1'] = '5m'; $both })",
        "-ProgressTimeout has two time-outs of the type '1'.")]
    public void What_cannot_work_is_refused_before_a_task_is_taken(string parameters, string message)
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run($"Start-QueueWorker -Drain {parameters}").Errors);
        ExpectedError.Is(error, "TaskInvalid", "StartQueueWorker", ErrorCategory.InvalidArgument, session.Queue);
        Assert.Equal(message, error.ToString());
        Assert.NotEqual("", ExpectedError.Advice(error));
        Assert.Equal("a=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public void A_misspelt_type_of_a_time_out_is_told_with_the_types_that_are_handled()
    {
        using QueueSession session = new();
        var error = Assert.Single(session.Run(
            "Start-QueueWorker -Drain -Type mail, work -Handler { } -ProgressTimeout @{ mial = '5m' } -WhatIf").Errors);
        Assert.Equal("Types are case-sensitive; those with a handler are 'mail', 'work'.", ExpectedError.Advice(error));
    }

    [Fact]
    public void A_file_that_cannot_be_executed_is_refused_before_a_task_is_taken()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows tells programs by their names.");
        using QueueSession session = new();
        session.Add("a");
        var program = session.InFolder("work.sh");
        File.WriteAllText(program, "#!/bin/sh\n");
        var error = Assert.Single(
            session.Run("Start-QueueWorker -Drain -FilePath $program -Type work", ("program", program)).Errors);
        ExpectedError.Is(error, "TaskInvalid", "StartQueueWorker", ErrorCategory.InvalidArgument, session.Queue);
        Assert.Contains($"chmod +x '{program}'", ExpectedError.Advice(error), StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
    }

    [Theory]
    [InlineData(
        "function Handle($Task) { end { \"$global:cleaned\" } clean { $global:cleaned = 'cleaned' } }; $handler = ${function:Handle}")]
    [InlineData(
        "function Handle { param($Task) end { \"$global:cleaned\" } clean { $global:cleaned = 'cleaned' } }; "
            + "$handler = ${function:Handle}")]
    [InlineData("$handler = { end { \"$global:cleaned\" } clean { $global:cleaned = 'cleaned' } }")]
    public void The_clean_block_of_a_handler_is_run(string make)
    {
        using QueueSession session = new();
        session.Add("a", "b");
        Assert.Equal(
            ["", "cleaned"],
            session.Values<string>(
                $"{make}; Start-QueueWorker -Drain -Concurrency 1 -Type work -Handler $handler | ForEach-Object Result"));
    }

    [Fact]
    public void Handlers_may_stand_in_any_dictionary()
    {
        using QueueSession session = new();
        session.Add("a");
        session.Values<object>(
            "$handlers = [Collections.Generic.Dictionary[string, scriptblock]]::new(); $handlers['work'] = { 1 }; "
                + "$null = Start-QueueWorker -Drain -Handler $handlers");
        Assert.Equal("a=success", session.State);
    }

    [Theory]
    [InlineData("-ImportModule no-such-module", "no-such-module")]
    [InlineData("-InitializationScript { throw 'cannot begin' }", "The initialization script failed: cannot begin")]
    [InlineData("-InitializationScript { exit 4 }", "The initialization script ended with exit code 4.")]
    [InlineData("-Variable @{ true = 1 }", "true")]
    public void An_environment_that_cannot_be_made_is_an_error_before_a_task_is_taken(string parameters, string message)
    {
        using QueueSession session = new();
        session.Add("a");
        var result = session.Run($"Start-QueueWorker -Drain -Handler @{{ work = {{ 1 }} }} {parameters}");
        Assert.Contains(message, Assert.Single(result.Errors).ToString(), StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void The_original_layout_is_refused_and_the_way_out_named()
    {
        using var session = QueueSession.OfIncident();
        var before = session.Fingerprint;
        foreach ((var command, var name) in new[]
        {
            ("Start-QueueWorker -Handler @{ publish = { } }", "StartQueueWorker"), ("Receive-QueueTask publish", "ReceiveQueueTask"),
        })
        {
            var error = Assert.Single(session.Run($"{command} -Queue $queue", ("queue", session.Queue)).Errors);
            ExpectedError.Is(error, "NotSupportedByLayout", name, ErrorCategory.NotImplemented, session.Queue);
            Assert.Contains("Copy-TaskQueue", ExpectedError.Advice(error), StringComparison.Ordinal);
        }

        Assert.Equal(before, session.Fingerprint);
    }

    [Fact]
    public void A_dry_run_starts_nothing()
    {
        using QueueSession session = new();
        session.Add("a");
        var result = session.Run("Start-QueueWorker -Handler @{ work = { 1 } } -InitializationScript { throw 'ran' } -WhatIf");
        Assert.Empty(result.Values<object>());
        Assert.Contains(session.Queue, Assert.Single(result.WhatIf), StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public async Task Ctrl_C_lets_the_running_task_end_and_takes_no_other()
    {
        using QueueSession session = new();
        session.Add("first", "second");
        using ManualResetEventSlim running = new();
        using ManualResetEventSlim goOn = new();
        var worker = Task.Run(() => session.Run(
            "Start-QueueWorker -Concurrency 1 -Variable @{ running = $running; goOn = $goOn } -Handler @{ work = { $running.Set(); "
                + "$goOn.Wait(); 'done' } }",
            ("running", running), ("goOn", goOn)));
        Assert.True(running.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
        Assert.True(session.Module.RequestStop());
        using QueueSession other = new();
        Assert.True(SpinWait.SpinUntil(
            () => other.Value<string>($"Get-QueueWorker -Queue '{session.Queue}' | ForEach-Object {{ \"$($_.State)\" }}") == "Draining",
            HangGuard.Longest));
        Assert.NotSame(worker, await Task.WhenAny(worker, Task.Delay(300, TestContext.Current.CancellationToken)));
        goOn.Set();
        Assert.Empty((await worker).Output);
        Assert.Equal("first=success second=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public async Task Ctrl_C_releases_what_is_not_done_when_the_grace_period_ends()
    {
        using QueueSession session = new();
        session.Add("a");
        using ManualResetEventSlim running = new();
        var worker = Task.Run(() => session.Run(
            "Start-QueueWorker -GracePeriod 100ms -Variable @{ running = $running } -Handler @{ work = { $running.Set(); "
                + "while ($true) { [Threading.Thread]::Sleep(5) } } }",
            ("running", running)));
        Assert.True(running.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
        Assert.True(session.Module.RequestStop());
        await worker;
        Assert.Equal("a=pending", session.State);
    }

    [Theory]
    [InlineData("Select-Object -First 1")]
    [InlineData("ForEach-Object { $_; throw 'downstream' }")]
    [InlineData("ForEach-Object { $_; break }")]
    public void A_command_downstream_that_has_enough_leaves_no_task_running(string taker)
    {
        using QueueSession session = new();
        session.Values<object>("$null = 1..20 | New-QueueTask work");
        var result = session.Run(
            $$"""
            foreach ($once in 1) {
                Start-QueueWorker -Concurrency 2 -Prefetch 2 -GracePeriod 5s -Handler @{ work = { [Threading.Thread]::Sleep(20); 1 } } | {{taker}}
            }
            """);
        Assert.Single(result.Output);
        Assert.DoesNotContain("running", session.State, StringComparison.Ordinal);
        Assert.Contains("pending", session.State, StringComparison.Ordinal);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Theory]
    [InlineData("Auto")]
    [InlineData("auto")]
    [InlineData("0")]
    [InlineData("'128'")]
    [InlineData("10000")]
    public void A_worker_takes_a_number_of_tasks_to_hold_or_Auto(string prefetch)
    {
        using QueueSession session = new();
        session.Values<object>("$null = 1..5 | New-QueueTask work");
        Assert.Empty(session.Run($"Start-QueueWorker -Drain -Handler @{{ work = {{ }} }} -Prefetch {prefetch}").Errors);
        Assert.DoesNotContain("pending", session.State, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("many", "'many' is not a number of tasks. Give Auto, or 0 to 10,000.")]
    [InlineData("-1", "-1 is out of range. Give Auto, or 0 to 10,000.")]
    [InlineData("10001", "10001 is out of range. Give Auto, or 0 to 10,000.")]
    [InlineData("1.5", "1.5 is not a whole number.")]
    public void Another_number_of_tasks_to_hold_is_refused(string prefetch, string message)
    {
        using QueueSession session = new();
        session.Add("a");
        var error = Assert.Single(session.Run($"Start-QueueWorker -Drain -Handler @{{ work = {{ }} }} -Prefetch {prefetch}").Errors);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void A_worker_closes_what_its_handlers_had_open()
    {
        using QueueSession session = new();
        var other = session.AddQueue("other.db", "a");
        session.Values<object>(
            "$null = Start-QueueWorker -Queue $other -Drain -Handler @{ work = { (Measure-TaskQueue).Running } }", ("other", other));
        File.Move(other, other + ".moved");
        if (OperatingSystem.IsLinux())
        {
            Assert.DoesNotContain(
                Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(entry => new FileInfo(entry).LinkTarget),
                target => target?.Contains("other.db", StringComparison.Ordinal) == true
                    && target.StartsWith(session.Folder, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_forced_stop_ends_the_handler_and_the_stopper_waits_for_it()
    {
        using QueueSession session = new();
        using QueueSession operatorSession = new();
        session.Add("a");
        using ManualResetEventSlim running = new();
        var worker = Task.Run(() => session.Run(
            "Start-QueueWorker -MaxTasks 1 -GracePeriod 1s -Variable @{ running = $running } -Handler @{ work = { $running.Set(); "
                + "while ($true) { [Threading.Thread]::Sleep(5) } } }",
            ("running", running)));
        Assert.True(running.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
        var stop = operatorSession.Run(
            "Get-QueueTask a -Queue $other | Stop-QueueTask -Force -Wait -PassThru", ("other", session.Queue));
        Assert.Equal("failed", Assert.Single(stop.Values<PSObject>()).Properties["StatusText"].Value);
        Assert.Empty(stop.Warnings);
        Assert.Equal("failed", Assert.Single((await worker).Output).Properties["StatusText"].Value);
        using var database = EngineReflection.OpenDatabase(session.Queue);
        Assert.Equal(1L, database.Execute("SELECT COUNT(*) FROM event WHERE kind = 'stop confirmed'"));
    }

    [Fact]
    public async Task An_operator_drains_a_worker_whose_output_still_flows()
    {
        using QueueSession session = new();
        using QueueSession operatorSession = new();
        session.Add("a", "b");
        using ManualResetEventSlim running = new();
        using ManualResetEventSlim goOn = new();
        var worker = Task.Run(() => session.Run(
            "Start-QueueWorker -Concurrency 1 -Variable @{ running = $running; goOn = $goOn } -Handler @{ work = { $running.Set(); "
                + "$goOn.Wait(); 'done' } }; 'next statement'",
            ("running", running), ("goOn", goOn)));
        Assert.True(running.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
        Assert.Equal(["Worker Working Alive 1 a work", "Worker Draining"], operatorSession.Values<string>(
            """
            $worker = Get-QueueWorker -Queue $other
            "$($worker.Kind) $($worker.State) $($worker.Liveness) $($worker.Running) $($worker.Tasks) $($worker.Types)"
            $worker | Stop-QueueWorker
            Get-QueueWorker $worker.Id -Queue $other -MachineName '*' | ForEach-Object { "$($_.Kind) $($_.State)" }
            """,
            ("other", session.Queue)));
        // Once the worker itself says so: it learns of it a moment later than it is asked.
        Assert.True(SpinWait.SpinUntil(
            () => ChildProcess.Run("sql", session.Queue, "SELECT is_draining FROM worker").Contains('1', StringComparison.Ordinal),
            HangGuard.Longest));
        goOn.Set();
        var result = await worker;
        Assert.Equal(["a", "next statement"], result.Output.Select(value => value.ToString()));
        Assert.Equal("a=success b=pending", session.State);
    }

    [Fact]
    public async Task A_restore_is_refused_while_a_worker_lives()
    {
        using QueueSession session = new();
        using QueueSession operatorSession = new();
        var backup = session.Value<string>("(Backup-TaskQueue).Path");
        using ManualResetEventSlim ready = new();
        var worker = Task.Run(() => session.Run(
            "Start-QueueWorker -Variable @{ ready = $ready } -InitializationScript { $ready.Set() } -Handler @{ work = { } }",
            ("ready", ready)));
        Assert.True(ready.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
        var clock = Stopwatch.StartNew();
        while (operatorSession.Values<object>("Get-QueueWorker -Queue $other", ("other", session.Queue)).Count == 0)
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, HangGuard.Longest);

        var error = Assert.Single(operatorSession.Run(
            "Restore-TaskQueue -Queue $other -BackupPath $backup -Confirm:$false", ("other", session.Queue), ("backup", backup)).Errors);
        ExpectedError.Is(error, "TaskStateInvalid", "RestoreTaskQueue", ErrorCategory.InvalidOperation, session.Queue);
        Assert.Contains("Stop-QueueWorker", ExpectedError.Advice(error), StringComparison.Ordinal);
        operatorSession.Values<object>("Get-QueueWorker -Queue $other | Stop-QueueWorker", ("other", session.Queue));
        await worker;
    }

    [Fact]
    public void Workers_run_side_by_side_and_each_task_is_run_once()
    {
        using QueueSession session = new();
        session.Values<object>("$null = 1..40 | New-QueueTask work");
        Assert.Equal(Enumerable.Repeat("success 1", 40), session.Values<string>(
            """
            1..2 | ForEach-Object -ThrottleLimit 2 -Parallel {
                Import-Module $using:manifest
                Start-QueueWorker -Queue $using:queue -Drain -Concurrency 2 -Handler @{ work = { 1 } }
            } | ForEach-Object { "$($_.StatusText) $($_.Attempt)" }
            """,
            ("manifest", BuiltModule.Manifest), ("queue", session.Queue)));
    }
}
