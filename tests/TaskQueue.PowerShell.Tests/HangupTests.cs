namespace TaskQueue.PowerShell.Tests;

/// <summary>A worker whose terminal is closed.</summary>
public sealed class HangupTests
{
    // Only reached when something hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void A_hangup_drains_the_worker(Shell shell)
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using var process = ShellProcess.Start(shell, "-Command", Worker(session));
        Await(() => File.Exists(session.InFolder("running")));
        process.Signal("HUP");
        session.AwaitDraining();
        File.WriteAllText(session.InFolder("stop"), "");
        process.WaitForExit();
        Assert.Equal("first=success second=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public void A_second_hangup_changes_nothing()
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using var process = ShellProcess.Start(Shell.Pwsh, "-Command", Worker(session));
        Await(() => File.Exists(session.InFolder("running")));
        // The shell sends one when its terminal is closed, and the system another.
        process.Signal("HUP");
        process.Signal("HUP");
        session.AwaitDraining();
        process.Signal("HUP");
        File.WriteAllText(session.InFolder("stop"), "");
        process.WaitForExit();
        Assert.Equal("first=success second=pending", session.State);
    }

    [Theory]
    [InlineData(Shell.Pwsh)]
    [InlineData(Shell.Console)]
    public void A_terminal_that_is_closed_drains_the_worker_though_it_cannot_be_written_to(Shell shell)
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using var terminal = ShellProcess.StartOnTerminal(shell, "-Command", Worker(session));
        Await(() => File.Exists(session.InFolder("running")));
        // The other end of the terminal is the program's, which is not asked: a window that is closed asks nobody.
        terminal.Signal("KILL");
        session.AwaitDraining();
        File.WriteAllText(session.InFolder("stop"), "");
        Await(() => session.Values<object>("Get-QueueWorker").Count == 0);
        Assert.Equal("first=success second=pending", session.State);
    }

    [Fact]
    public void A_worker_that_is_to_ignore_hangups_works_on()
    {
        ShellSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using var worker = ShellProcess.StartWithNohup(Shell.Pwsh, "-Command", Worker(session));
        Await(() => File.Exists(session.InFolder("running")));
        worker.Signal("HUP");
        File.WriteAllText(session.InFolder("stop"), "");
        Await(() => session.State == "first=success second=success");
        worker.Signal("TERM");
        worker.WaitForExit();
    }

    private static string Worker(QueueSession session) =>
        $$"""
        $null = Connect-TaskQueue '{{session.Queue}}'
        Start-QueueWorker -Concurrency 1 -GracePeriod 10m -Variable @{ folder = '{{session.Folder}}' } -Handler @{ work = {
            [IO.File]::WriteAllText("$folder/running", '')
            while (-not [IO.File]::Exists("$folder/stop")) { [Threading.Thread]::Sleep(5) }
        } }
        """;

    private static void Await(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience));
}
