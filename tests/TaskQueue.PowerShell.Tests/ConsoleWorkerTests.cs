namespace TaskQueue.PowerShell.Tests;

/// <summary>A worker in a process of its own, and the signals that end it.</summary>
public sealed class ConsoleWorkerTests
{
    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void One_signal_lets_the_running_task_end(string signal, int exitCode)
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using ConsoleProcess console = Start(session, "60s");
        Assert.Equal("running", console.Output.ReadLine());
        console.Signal(signal);
        AssertDraining(session);
        Assert.False(console.HasExitedWithin(TimeSpan.FromMilliseconds(500)));
        File.WriteAllText(session.InFolder("stop"), "");
        Assert.Equal(exitCode, console.WaitForExit());
        Assert.Equal("first=success second=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void Two_signals_release_the_running_task_at_once(string signal, int exitCode)
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("a");
        using ConsoleProcess console = Start(session, "10m");
        Assert.Equal("running", console.Output.ReadLine());
        console.Signal(signal);
        AssertDraining(session);
        // Long enough for the warning, which another thread writes.
        Assert.False(console.HasExitedWithin(TimeSpan.FromSeconds(2)));
        console.Signal(signal);
        Assert.Equal(exitCode, console.WaitForExit());
        if (signal == "INT")
            Assert.Contains("Draining: 1 task runs; Ctrl+C again stops it at once.", console.ErrorText, StringComparison.Ordinal);

        Assert.Equal("a=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public void A_handler_that_ignores_everything_does_not_keep_the_process()
    {
        using QueueSession session = new();
        session.Add("a");
        (int exitCode, string output, string error) = ConsoleProcess.Run(
            "",
            "-Command",
            $$"""
            $null = Connect-TaskQueue '{{session.Queue}}'
            $null = Get-QueueTask a | Set-QueueTask -MaxRetries 0
            Start-QueueWorker -MaxTasks 1 -GracePeriod 1s -Handler @{ work = { Stop-QueueTask $Task.Id -Force; [Threading.Thread]::Sleep(-1) } }
            'ended'
            """);
        Assert.Equal(0, exitCode);
        Assert.Equal("ended", output);
        Assert.Contains("ignores its stop", error, StringComparison.Ordinal);
        Assert.Equal("a=failed", session.State);
    }

    [Fact]
    public void A_worker_that_was_killed_is_dead_with_proof_and_there_is_nothing_to_stop()
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("a");
        using ConsoleProcess console = Start(session, "1s");
        Assert.Equal("running", console.Output.ReadLine());
        console.Signal("KILL");
        console.WaitForExit();
        Assert.Equal("1 running task is judged Dead but younger than 1h. Get-QueueTask -Stuck -OlderThan 0s shows all.", Assert.Single(session.Run("Get-QueueTask -Stuck").Warnings));
        SessionResult all = session.Run("Get-QueueTask -Stuck -OlderThan 0s");
        Assert.Equal(["a"], all.Values<string>());
        Assert.Empty(all.Warnings);
        Assert.Equal("Dead Gone a", session.Value<string>("Get-QueueWorker | ForEach-Object { \"$($_.State) $($_.Liveness) $($_.Tasks)\" }"));
        System.Management.Automation.ErrorRecord error = Assert.Single(session.Run("Get-QueueWorker | Stop-QueueWorker").Errors);
        Assert.StartsWith("WorkerNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("nothing to stop", error.ToString(), StringComparison.Ordinal);

        SessionResult stop = session.Run("Stop-QueueTask a -Force -Wait");
        Assert.Empty(stop.Values<object>());
        Assert.Contains("gone", Assert.Single(stop.Warnings), StringComparison.Ordinal);
    }

    /// <summary>A worker whose task says that it runs, and ends once a file is there or its worker stops it.</summary>
    private static void AssertDraining(QueueSession session) => Assert.True(SpinWait.SpinUntil(
        () => session.Value<string>("Get-QueueWorker | ForEach-Object { \"$($_.State)\" }") == "Draining", TimeSpan.FromSeconds(30)));

    private static ConsoleProcess Start(QueueSession session, string gracePeriod) => ConsoleProcess.Start(
        "-Command",
        $$"""
        $null = Connect-TaskQueue '{{session.Queue}}'
        Start-QueueWorker -Concurrency 1 -GracePeriod {{gracePeriod}} -Variable @{ stop = '{{session.InFolder("stop")}}' } -Handler @{ work = {
            [Console]::Out.WriteLine('running')
            while (-not [IO.File]::Exists($stop)) { [Threading.Thread]::Sleep(5) }
        } }
        """);
}
