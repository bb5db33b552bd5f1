using System.Diagnostics;
using System.Globalization;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What becomes of a handler's processes with the process of its worker. Real shells, really killed.</summary>
public sealed class WorkerProcessTests : IDisposable
{
    private const string AwaitMark = HandlerProcessTests.AwaitMark;

    private readonly QueueSession _session = new();

    public WorkerProcessTests() =>
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "The ways of starting a process are those of Linux and Windows.");

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_job_that_a_handler_leaves_behind_does_not_keep_the_worker(int concurrency)
    {
        _session.Add("a", "b", "c", "d");
        (var exitCode, var output, var error) = ShellProcess.Run(
            Shell.Pwsh,
            "",
            "-Command",
            $$"""
            $null = Connect-TaskQueue '{{_session.Queue}}'
            $done = Start-QueueWorker -Drain -Concurrency {{concurrency}} -Handler @{ work = { $null = Start-Job { Start-Sleep 1; 1 + 1 }; 'left' } }
            "$(@($done | Where-Object StatusText -eq success).Count) done"
            """);
        Assert.Equal("", error);
        Assert.Equal((0, "4 done"), (exitCode, output));
    }

    [Fact]
    public void What_a_handler_starts_by_itself_ends_with_it_in_a_process_of_its_own()
    {
        _session.Add("a");
        (var exitCode, var output, var error) = ShellProcess.Run(
            Shell.Console,
            "",
            "-Command",
            $$"""
            $null = Connect-TaskQueue '{{_session.Queue}}'
            Start-QueueWorker -Drain -Concurrency 1 -Variable @{ folder = '{{_session.Folder}}'; program = '{{ChildProcess.Program}}' } -Handler @{ work = {
                $mark = "$folder/a.pid"
                $null = [Diagnostics.Process]::Start($program, [string[]]('stay', $mark))
                {{AwaitMark}}
                'left'
            } } | ForEach-Object Result
            """);
        Assert.Equal("", error);
        Assert.Equal((0, "left"), (exitCode, output));
        Assert.False(IsAlive(Mark("a")));
    }

    [Fact]
    public void What_a_handler_started_ends_with_the_process_of_its_worker()
    {
        Assert.SkipUnless(OperatingSystem.IsWindows(), "Windows alone ends it at once; elsewhere that is for whoever takes the task back.");
        _session.Add("a");
        using (var shell = StartShell())
        {
            shell.ReadLine();
            shell.Kill();
        }

        Assert.True(SpinWait.SpinUntil(() => !IsAlive(Mark("1")), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void What_is_started_before_and_after_a_worker_is_not_its_own()
    {
        _session.Add("a");
        using (var shell = ShellProcess.Start(
            Shell.Console,
            "-Command",
            $$"""
            $null = Connect-TaskQueue '{{_session.Queue}}'
            $program = '{{ChildProcess.Program}}'
            foreach ($mark in '{{_session.InFolder("before.pid")}}', '{{_session.InFolder("after.pid")}}') {
                $null = [Diagnostics.Process]::Start($program, [string[]]('stay', $mark))
                {{AwaitMark}}
                Start-QueueWorker -Drain -Handler @{ work = { 'done' } } | ForEach-Object { [Console]::Out.WriteLine($_.Result) }
            }
            [Console]::Out.WriteLine('ended')
            $null = [Console]::In.ReadLine()
            """))
        {
            Assert.Equal("done", shell.ReadLine());
            Assert.Equal("ended", shell.ReadLine());
            shell.Kill();
        }

        foreach (var name in new[] { "before", "after" })
        {
            using var left = Process.GetProcessById(Mark(name));
            Assert.False(left.HasExited);
            left.Kill();
        }
    }

    [Fact]
    public void What_a_handler_started_ends_before_its_task_is_run_again_when_its_worker_was_killed()
    {
        _session.Add("a");
        string first;
        using (var shell = StartShell())
        {
            first = shell.ReadLine();
            Assert.StartsWith("1 ", first, StringComparison.Ordinal);
            shell.Kill();
        }

        var left = int.Parse(first.Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.True(IsAlive(left));
        using var next = StartShell();
        Assert.StartsWith("2 ", next.ReadLine(), StringComparison.Ordinal);
        Assert.False(IsAlive(left));
    }

    /// <summary>A worker that says which attempt it runs, and the id of what this has started.</summary>
    private ShellProcess StartShell() => ShellProcess.Start(
        Shell.Console,
        "-Command",
        $$"""
        $null = Connect-TaskQueue '{{_session.Queue}}'
        Start-QueueWorker -Concurrency 1 -GracePeriod 0s -Variable @{ folder = '{{_session.Folder}}'; program = '{{ChildProcess.Program}}' } -Handler @{ work = {
            $mark = "$folder/$($Task.Attempt).pid"
            {{(OperatingSystem.IsWindows() ? "& $program leave $mark" : "sh -c \"setsid sh -c 'echo `$`$ > $mark; exec sleep 1000' > /dev/null 2>&1 &\"")}}
            {{AwaitMark}}
            [Console]::Out.WriteLine($Task.Attempt.ToString() + ' ' + [IO.File]::ReadAllText($mark).Trim())
            Start-Sleep 1000
        } }
        """);

    private int Mark(string id) => int.Parse(File.ReadAllText(_session.InFolder(id + ".pid")), CultureInfo.InvariantCulture);

    private static bool IsAlive(int process) => HandlerProcessTests.IsAlive(process);
}
