using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using TaskQueue.Tests;

namespace TaskQueue.PowerShell.Tests;

/// <summary>What script handlers start, and what becomes of it. Real processes.</summary>
public sealed class HandlerProcessTests : IDisposable
{
    private readonly QueueSession _session = new();

    public HandlerProcessTests() =>
        Assert.SkipWhen(OperatingSystem.IsMacOS(), "The ways of starting a process are those of Linux and Windows.");

    /// <summary>Each way of starting something that goes on; <c>$mark</c> is the file that tells its id.</summary>
    public static TheoryData<string> Ways => OperatingSystem.IsWindows()
        ? [.. CalledWays, "Start-Process $program -ArgumentList stay, $mark -NoNewWindow"]
        : CalledWays;

    /// <summary>Those that are told apart whatever runs beside them.</summary>
    public static TheoryData<string> CalledWays => OperatingSystem.IsWindows()
        ? ["& $program leave $mark", "& $program leave $mark | & $program echo"]
        :
    [
        "sh -c \"sh -c 'echo `$`$ > $mark; exec sleep 1000' > /dev/null 2>&1 &\"",
        "sh -c \"setsid sh -c 'echo `$`$ > $mark; exec sleep 1000' > /dev/null 2>&1 &\"",
        "sh -c \"(setsid nohup sh -c 'echo `$`$ > $mark; exec sleep 1000' > /dev/null 2>&1 &) &\"",
        "sh -c \"sh -c 'echo `$`$ > $mark; exec sleep 1000' > /dev/null 2>&1 &\" | sh -c cat",
        "$null = [Diagnostics.Process]::Start('sh', [string[]]('-c', \"echo `$`$ > $mark; exec sleep 1000\"))",
        "$null = [Diagnostics.Process]::Start('sh', [string[]]('-c', \"sh -c 'echo `$`$ > $mark; exec sleep 1000' & wait\"))",
    ];

    public void Dispose() => _session.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_a_handler_leaves_running_ends_with_it(string way)
    {
        _session.Add("a");
        Assert.Equal("success", Work($"{way}\n{AwaitMark}", ""));
        Assert.False(IsAlive(Mark("a")));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_a_handler_leaves_running_stays_if_its_worker_is_told_so(string way)
    {
        _session.Add("a");
        Assert.Equal("success", Work($"{way}\n{AwaitMark}", "-KeepChildren"));
        using var left = Process.GetProcessById(Mark("a"));
        Assert.False(left.HasExited);
        left.Kill();
    }

    [Theory]
    [MemberData(nameof(CalledWays))]
    public void Nothing_of_a_task_lives_after_its_confirmed_stop_and_what_runs_beside_it_goes_on(string way)
    {
        _session.Add("a", "b");
        var alive = _session.Value<string>(
            $$"""
            $results = Start-QueueWorker -Drain -Concurrency 2 -Variable @{ folder = $folder; program = $program } -Handler @{ work = {
                $mark = "$folder/$($Task.Id).pid"
                {{way}}
                {{AwaitMark}}
                if ($Task.Id -eq 'a') { while ($true) { [Threading.Thread]::Sleep(10) } }
                while (-not [IO.File]::Exists("$folder/a.pid")) { [Threading.Thread]::Sleep(5) }
                $null = Stop-QueueTask a -Force -Wait -Timeout 1m
                foreach ($id in 'a', 'b') { [TaskQueue.PowerShell.Tests.HandlerProcessTests]::IsAlive([IO.File]::ReadAllText("$folder/$id.pid")) }
            } }
            $results | Where-Object Id -eq b | ForEach-Object { "$($_.Result) $($_.ErrorMessage)" }
            """,
            ("folder", _session.Folder), ("program", ChildProcess.Program)).Trim().Split(' ');
        Assert.Equal(["False", "True"], alive);
        Assert.False(IsAlive(Mark("b")));
    }

    [Theory]
    [MemberData(nameof(CalledWays))]
    public void Nothing_of_a_task_lives_after_its_time_out(string way)
    {
        _session.Run("$null = New-QueueTask work -Id a -Timeout 2s -MaxRetries 0").Values<PSObject>();
        Assert.Equal("failed", Work($"{way}\n while ($true) {{ [Threading.Thread]::Sleep(10) }}", "-KeepChildren"));
        Assert.False(File.Exists(_session.InFolder("a.pid")) && IsAlive(Mark("a")));
    }

    [Fact]
    public void Tasks_side_by_side_end_their_own_processes_only()
    {
        SkipUnlessThreadsAreTold();
        // Each starts a process beside those of the others, again and again, and looks for it when the others have ended theirs.
        _session.Values<PSObject>("$null = 1..24 | ForEach-Object { New-QueueTask work -Id $_ }");
        var results = _session.Values<string>(
            """
            Start-QueueWorker -Drain -Concurrency 6 -Variable @{ folder = $folder } -Handler @{ work = {
                foreach ($turn in 1..3) {
                    $mark = "$folder/$($Task.Id)-$turn"
                    sh -c "setsid sh -c 'echo `$`$ > $mark; exec sleep 1000' > /dev/null 2>&1 &"
                }
                [Threading.Thread]::Sleep(20)
                $alive = 0
                foreach ($turn in 1..3) {
                    $mark = "$folder/$($Task.Id)-$turn"
                    while (-not [IO.File]::Exists($mark) -or [IO.File]::ReadAllText($mark) -notmatch "\n") { [Threading.Thread]::Sleep(5) }
                    if ([TaskQueue.PowerShell.Tests.HandlerProcessTests]::IsAlive([IO.File]::ReadAllText($mark))) { $alive++ }
                }
                $alive
            } } | ForEach-Object { "$($_.Result) $($_.ErrorMessage)" }
            """,
            ("folder", _session.Folder));
        Assert.All(results, result => Assert.Equal("3 ", result));
        Assert.Equal(24, results.Count);
        Assert.All(
            Directory.GetFiles(_session.Folder, "*-?").Where(file => !file.EndsWith("-wal", StringComparison.Ordinal)),
            file => Assert.False(IsAlive(int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void What_another_handler_starts_by_itself_is_never_ended_with_a_task()
    {
        SkipUnlessThreadsAreTold();
        // The first looks commands up that start processes, starts one at the same time as the second, and ends first.
        _session.Values<PSObject>("$null = New-QueueTask looks -Id looks; $null = New-QueueTask starts -Id starts");
        var results = _session.Values<string>(
            """
            $both = [Threading.Barrier]::new(2)
            Start-QueueWorker -Drain -Concurrency 2 -Variable @{ both = $both; folder = $folder } -Handler @{
                looks = {
                    $null = Get-Command Start-Process, Start-Job
                    $both.SignalAndWait()
                    sh -c 'sleep 0.2'
                    'looked'
                }
                starts = {
                    $both.SignalAndWait()
                    $children = 1..20 | ForEach-Object { [Diagnostics.Process]::Start('sleep', '1000') }
                    while ((Get-QueueTask looks).StatusText -ne 'success') { Start-Sleep -Milliseconds 20 }
                    $alive = @($children | Where-Object { -not $_.HasExited }).Count
                    $children | ForEach-Object { $_.Kill() }
                    "$alive live"
                }
            } | ForEach-Object { "$($_.Id): $($_.Result) $($_.ErrorMessage)" }
            """,
            ("folder", _session.Folder));
        Assert.Equal(["looks: looked ", "starts: 20 live "], results);
    }

    [Fact]
    public void What_the_initialization_script_started_lives_on_between_tasks()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Written with sh; the other of the two tests is for Windows too.");
        _session.Add("a", "b");
        Assert.Equal(["True", "True"], _session.Values<string>(
            """
            Start-QueueWorker -Drain -Concurrency 1 -Variable @{ folder = $folder } -InitializationScript {
                $null = [Diagnostics.Process]::Start('sh', [string[]]('-c', "echo `$`$ > $folder/near; exec sleep 1000"))
                sh -c "setsid sh -c 'echo `$`$ > $folder/far; exec sleep 1000' > /dev/null 2>&1 &"
            } -Handler @{ work = {
                sh -c 'exit 0'
                $alive = $true
                foreach ($file in "$folder/near", "$folder/far") {
                    while (-not [IO.File]::Exists($file) -or [IO.File]::ReadAllText($file) -notmatch "\n") { [Threading.Thread]::Sleep(5) }
                    $alive = $alive -and [TaskQueue.PowerShell.Tests.HandlerProcessTests]::IsAlive([IO.File]::ReadAllText($file))
                }
                "$alive"
            } } | ForEach-Object { "$($_.Result)$($_.ErrorMessage)" }
            """,
            ("folder", _session.Folder)));
        foreach (var name in new[] { "near", "far" })
        {
            using var left = Process.GetProcessById(int.Parse(File.ReadAllText(_session.InFolder(name)), CultureInfo.InvariantCulture));
            left.Kill();
        }
    }

    [Fact]
    public void What_the_initialization_script_started_beside_a_task_lives_on()
    {
        // The second runspace is made while the first task runs, and what it starts bears the mark of that.
        _session.Add("a", "b");
        string[] alive = [.. _session.Values<string>(
            """
            Start-QueueWorker -Drain -Concurrency 2 -Variable @{ folder = $folder; program = $program } -InitializationScript {
                $mark = "$folder/served-" + [Guid]::NewGuid()
                Start-Process $program -ArgumentList stay, $mark
                while (-not [IO.File]::Exists($mark) -or [IO.File]::ReadAllText($mark) -notmatch "\n") { [Threading.Thread]::Sleep(5) }
            } -Handler @{ work = {
                while ([IO.Directory]::GetFiles($folder, 'served-*').Count -lt 2) { [Threading.Thread]::Sleep(5) }
                $null = Get-Command Start-Process
                'done'
            } } | ForEach-Object { "$($_.Result)$($_.ErrorMessage)" }
            """,
            ("folder", _session.Folder), ("program", ChildProcess.Program))];
        Assert.Equal(["done", "done"], alive);
        foreach (var file in Directory.GetFiles(_session.Folder, "served-*"))
        {
            using var served = Process.GetProcessById(int.Parse(File.ReadAllText(file), CultureInfo.InvariantCulture));
            Assert.False(served.HasExited);
            served.Kill();
        }
    }

    private static void SkipUnlessThreadsAreTold() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux alone tells which thread has started what.");

    internal const string AwaitMark =
        "while (-not [IO.File]::Exists($mark) -or [IO.File]::ReadAllText($mark) -notmatch \"\\n\") { [Threading.Thread]::Sleep(5) }";

    private string Work(string script, string arguments) => _session.Value<string>(
        $$"""
        Start-QueueWorker -Drain -Concurrency 1 -GracePeriod 0s {{arguments}} -Variable @{ folder = $folder; program = $program } -Handler @{ work = {
            $mark = "$folder/$($Task.Id).pid"
            {{script}}
        } } | ForEach-Object StatusText
        """,
        ("folder", _session.Folder), ("program", ChildProcess.Program));

    private int Mark(string id) => int.Parse(File.ReadAllText(_session.InFolder(id + ".pid")), CultureInfo.InvariantCulture);

    /// <summary>Whether a process runs: one that has ended can be there for a while, until somebody takes note.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                using var known = Process.GetProcessById(process);
                return !known.HasExited;
            }

            return File.ReadAllText($"/proc/{process}/stat") is var stat && stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception error) when (error is IOException or ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
