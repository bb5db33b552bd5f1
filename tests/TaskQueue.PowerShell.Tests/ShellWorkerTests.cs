namespace TaskQueue.PowerShell.Tests;

/// <summary>A worker in a process of its own, and the signals that end it.</summary>
public sealed class ShellWorkerTests
{
    [Theory]
    [InlineData(Shell.Pwsh, "INT")]
    [InlineData(Shell.Pwsh, "TERM")]
    [InlineData(Shell.Console, "INT")]
    [InlineData(Shell.Console, "TERM")]
    public void One_signal_lets_the_running_task_end(Shell shell, string signal)
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using var process = Start(shell, session, "10m");
        process.ReadUntil("running");
        process.Signal(signal);
        session.AwaitDraining();
        Assert.False(process.HasExitedWithin(TimeSpan.FromMilliseconds(500)));
        File.WriteAllText(session.InFolder("stop"), "");
        var exitCode = process.WaitForExit();
        // To a service manager 0 says that the worker did what it was told. What a stopped pipeline ends with is PowerShell's business.
        if (signal == "TERM")
            Assert.Equal(0, exitCode);
        Assert.Equal("first=success second=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void A_termination_waits_for_the_grace_period_and_gives_the_rest_back(Shell shell)
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("never-ends");
        using var process = Start(shell, session, "1s");
        process.ReadUntil("running");
        process.Signal("TERM");
        Assert.Equal(0, process.WaitForExit());
        Assert.Equal("never-ends=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Theory]
    [InlineData(Shell.Pwsh, "INT")]
    [InlineData(Shell.Pwsh, "TERM")]
    [InlineData(Shell.Console, "INT")]
    [InlineData(Shell.Console, "TERM")]
    public void Two_signals_release_the_running_task_at_once(Shell shell, string signal)
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("a");
        using var process = Start(shell, session, "10m");
        process.ReadUntil("running");
        process.Signal(signal);
        session.AwaitDraining();
        if (signal == "INT")
            process.ReadUntil("Draining: 1 task runs; Ctrl+C again stops it at once.");
        process.Signal(signal);
        process.WaitForExit();
        Assert.Equal("a=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public void A_handler_that_ignores_everything_does_not_keep_the_process()
    {
        using QueueSession session = new();
        session.Add("a");
        (var exitCode, var output, _) = ShellProcess.Run(
            Shell.Pwsh,
            "",
            "-Command",
            $$"""
            $null = Connect-TaskQueue '{{session.Queue}}'
            $null = Get-QueueTask a | Set-QueueTask -MaxRetries 0
            Start-QueueWorker -MaxTasks 1 -GracePeriod 1s -Handler @{ work = { Stop-QueueTask $Task.Id -Force; [Threading.Thread]::Sleep(-1) } }
            'ended'
            """);
        Assert.Equal(0, exitCode);
        Assert.EndsWith("ended", output, StringComparison.Ordinal);
        Assert.Contains("ignores its stop", output, StringComparison.Ordinal);
        Assert.Equal("a=failed", session.State);
    }

    [Fact]
    public void A_worker_that_was_killed_is_dead_with_proof_and_there_is_nothing_to_stop()
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("a");
        using var process = Start(Shell.Pwsh, session, "1s");
        process.ReadUntil("running");
        process.Signal("KILL");
        process.WaitForExit();
        Assert.Equal(
            "1 running task is judged Dead but younger than 1h. Get-QueueTask -Stuck -OlderThan 0s shows all.",
            Assert.Single(session.Run("Get-QueueTask -Stuck").Warnings));
        var all = session.Run("Get-QueueTask -Stuck -OlderThan 0s");
        Assert.Equal(["a"], all.Values<string>());
        Assert.Empty(all.Warnings);
        Assert.Equal(
            "Dead Gone a", session.Value<string>("Get-QueueWorker | ForEach-Object { \"$($_.State) $($_.Liveness) $($_.Tasks)\" }"));
        var error = Assert.Single(session.Run("Get-QueueWorker | Stop-QueueWorker").Errors);
        Assert.StartsWith("WorkerNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("nothing to stop", error.ToString(), StringComparison.Ordinal);

        var stop = session.Run("Stop-QueueTask a -Force -Wait");
        Assert.Empty(stop.Values<object>());
        Assert.Contains("gone", Assert.Single(stop.Warnings), StringComparison.Ordinal);
    }

    /// <summary>A worker whose task says that it runs, and ends once a file is there or its worker stops it.</summary>
    private static ShellProcess Start(Shell shell, QueueSession session, string gracePeriod) => ShellProcess.Start(
        shell,
        "-Command",
        $$"""
        $null = Connect-TaskQueue '{{session.Queue}}'
        Start-QueueWorker -Concurrency 1 -GracePeriod {{gracePeriod}} -Variable @{ stop = '{{session.InFolder("stop")}}' } -Handler @{ work = {
            [Console]::Out.WriteLine('running')
            while (-not (Test-Path $stop)) { Start-Sleep -Milliseconds 5 }
        } }
        """);
}
