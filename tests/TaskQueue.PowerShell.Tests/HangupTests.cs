using System.Diagnostics;
using System.Globalization;

namespace TaskQueue.PowerShell.Tests;

/// <summary>A worker whose terminal is closed.</summary>
public sealed class HangupTests
{
    // Only reached when something hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    [Fact]
    public void A_hangup_drains_the_worker()
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        using ConsoleProcess console = ConsoleProcess.Start("-Command", Worker(session));
        Await(() => File.Exists(session.InFolder("running")));
        console.Signal("HUP");
        AwaitDraining(session);
        File.WriteAllText(session.InFolder("stop"), "");
        console.WaitForExit();
        Assert.Equal("first=success second=pending", session.State);
        Assert.Empty(session.Values<object>("Get-QueueWorker"));
    }

    [Fact]
    public void Two_hangups_release_the_running_task_at_once()
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("a");
        using ConsoleProcess console = ConsoleProcess.Start("-Command", Worker(session));
        Await(() => File.Exists(session.InFolder("running")));
        console.Signal("HUP");
        AwaitDraining(session);
        console.Signal("HUP");
        console.WaitForExit();
        Assert.Equal("a=pending", session.State);
    }

    [Fact]
    public void A_terminal_that_is_closed_drains_the_worker_though_it_cannot_be_written_to()
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "It needs a terminal, which script(1) makes.");
        using QueueSession session = new();
        session.Add("first", "second");
        File.WriteAllText(session.InFolder("worker.ps1"), Worker(session));
        using Process terminal = Process.Start(new ProcessStartInfo("/usr/bin/script", ["-q", "-c", $"exec dotnet exec '{ConsolePath}' -File '{session.InFolder("worker.ps1")}'", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Await(() => File.Exists(session.InFolder("running")));
        // The other end of the terminal is the program's, which is not asked: a window that is closed asks nobody.
        terminal.Kill();
        AwaitDraining(session);
        File.WriteAllText(session.InFolder("stop"), "");
        Await(() => session.Values<object>("Get-QueueWorker").Count == 0);
        Assert.Equal("first=success second=pending", session.State);
    }

    [Fact]
    public void A_worker_that_is_to_ignore_hangups_works_on()
    {
        ConsoleSignalTests.SkipWhereSignalsDoNotArrive();
        using QueueSession session = new();
        session.Add("first", "second");
        File.WriteAllText(session.InFolder("worker.ps1"), Worker(session));
        ProcessStartInfo start = new("/bin/sh", ["-c", $"trap '' HUP; exec dotnet exec '{ConsolePath}' -File '{session.InFolder("worker.ps1")}'"])
        {
            RedirectStandardOutput = true,
        };
        using Process worker = Process.Start(start)!;
        Await(() => File.Exists(session.InFolder("running")));
        Signal(worker, "HUP");
        File.WriteAllText(session.InFolder("stop"), "");
        Await(() => session.State == "first=success second=success");
        Signal(worker, "TERM");
        Assert.True(worker.WaitForExit(Patience));
    }

    private static string ConsolePath => Path.Combine(AppContext.BaseDirectory, "TaskQueue.Console.dll");

    private static string Worker(QueueSession session) =>
        $$"""
        $null = Connect-TaskQueue '{{session.Queue}}'
        Start-QueueWorker -Concurrency 1 -GracePeriod 10m -Variable @{ folder = '{{session.Folder}}' } -Handler @{ work = {
            [IO.File]::WriteAllText("$folder/running", '')
            while (-not [IO.File]::Exists("$folder/stop")) { [Threading.Thread]::Sleep(5) }
        } }
        """;

    private static void Signal(Process process, string name)
    {
        using Process kill = Process.Start("kill", [$"-{name}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private static void AwaitDraining(QueueSession session) =>
        Await(() => session.Values<string>("Get-QueueWorker | ForEach-Object { \"$($_.State)\" }") is ["Draining"]);

    private static void Await(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience));
}
