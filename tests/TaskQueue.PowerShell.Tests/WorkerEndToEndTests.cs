namespace TaskQueue.PowerShell.Tests;

/// <summary>
/// A thousand tasks of every manner through a worker in a process of its own: each gets its end state, and the worker's streams stay clean.
/// </summary>
public sealed class WorkerEndToEndTests : IDisposable
{
    // Types and what must become of them; the numbers add up to 1,000.
    private const string Script =
        """
        $ErrorActionPreference = 'Stop'
        $null = Connect-TaskQueue $env:E2E_QUEUE -Create
        function Add([string] $Type, [int] $Count, [hashtable] $Options = @{}) {
            1..$Count | ForEach-Object { @{ n = $_ } } | New-QueueTask -Type $Type @Options | Out-Null
        }
        Add good 600
        Add again 100
        Add bad 60 @{ MaxRetries = 1 }
        Add hopeless 60
        Add late 10 @{ Timeout = '300ms'; MaxRetries = 0 }
        # Longer than a busy machine needs to start a handler: one that has not begun to sleep yet can be stopped, and is tried again.
        Add stubborn 2 @{ Timeout = '3s' }
        Add noisy 58
        Add odd 40 @{ MaxRetries = 0 }
        Add deep 40
        1..20 | ForEach-Object { @{ n = "`$(throw 'GARBAGE')"; code = { throw 'GARBAGE' } } } | New-QueueTask -Type code | Out-Null
        Add program 5 @{ Timeout = '300ms'; MaxRetries = 0 }
        Add nobodys 5

        $handlers = @{
            good     = { $Task.Data.n * 2 }
            again    = { if ($Task.Attempt -eq 1) { throw 'not yet' }; 'at last' }
            bad      = { throw "cannot: $($Task.Data.n)" }
            hopeless = { $TaskContext.FailWithoutRetry('no use') }
            late     = { while ($true) { } }
            stubborn = { [System.Threading.Thread]::Sleep(60000) }
            noisy    = {
                $VerbosePreference = $DebugPreference = $WarningPreference = $InformationPreference = 'Continue'
                $Host.UI.WriteLine('GARBAGE'); $Host.UI.WriteErrorLine('GARBAGE')
                & { [CmdletBinding()] param() $PSCmdlet.WriteVerbose('GARBAGE'); $PSCmdlet.WriteWarning('GARBAGE'); $PSCmdlet.WriteDebug('GARBAGE')
                    $PSCmdlet.WriteInformation('GARBAGE', @()); $PSCmdlet.WriteProgress([System.Management.Automation.ProgressRecord]::new(1, 'GARBAGE', 'GARBAGE')) }
                'clean'
            }
            odd      = { switch ($Task.Data.n % 3) { 0 { throw $null } 1 { throw @{ code = 1 } } 2 { throw [System.DivideByZeroException]::new() } } }
            deep     = { if ($Task.Data.n % 2) { $x = @{}; $x.self = $x; $x } else { $x = 'bottom'; 1..100 | ForEach-Object { $x = @{ in = $x } }; $x } }
            code     = { $Task.Data.n }
        }
        for ($round = 0; $round -lt 200; $round++) {
            Start-QueueWorker -Handler $handlers -Concurrency 4 -Prefetch 16 -Drain -RetryDelay 20ms -GracePeriod 2s -ErrorAction SilentlyContinue -ErrorVariable +failures | Out-Null
            if (-not (Get-QueueTask -Status Pending, Retry -Type good, again, bad, hopeless, late, stubborn, noisy, odd, deep, code -First 1)) { break }
        }
        Start-QueueWorker -Type program -FilePath sh -ArgumentList '-c', 'trap "" TERM; while :; do sleep 0.05; done' -GracePeriod 300ms -Drain -Concurrency 5 -ErrorAction SilentlyContinue -ErrorVariable +failures | Out-Null

        foreach ($type in 'good', 'again', 'bad', 'hopeless', 'late', 'stubborn', 'noisy', 'odd', 'deep', 'code', 'program', 'nobodys') {
            $found = Measure-TaskQueue -Type $type
            "$type pending=$($found.Pending + $found.Retry) running=$($found.Running) success=$($found.Success) failed=$($found.Failed)"
        }
        $one = { param($type) Get-QueueTask -Type $type -First 1 }
        "again: $((& $one again).Attempt) attempts, $((& $one again).Result)"
        "bad: $((& $one bad).RetryCount) retries, $((& $one bad).ErrorMessage.Split("`n")[0])"
        "hopeless: $((& $one hopeless).RetryCount) retries"
        "late: $((& $one late).ErrorMessage.Split(';')[0])"
        "stubborn: $((& $one stubborn).RetryCount) retries"
        "program: $((& $one program).ErrorMessage)"
        "workers: $(@(Get-QueueWorker).Count)"
        "errors: $(@($failures | Where-Object FullyQualifiedErrorId -like 'TaskFailed,*').Count)"
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("taskqueue-e2e-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Tasks_of_every_manner_get_their_end_state()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program that ignores SIGTERM is a shell's.");
        var script = Path.Combine(_folder, "e2e.ps1");
        File.WriteAllText(script, Script.Replace("$env:E2E_QUEUE", $"'{Path.Combine(_folder, "queue.db")}'", StringComparison.Ordinal));

        (var exitCode, var output, var error) = ShellProcess.Run(Shell.Pwsh, "", "-File", script);

        // Two handlers cannot be stopped by anything, which is said; on a busy machine others may need longer than they are given.
        var lines = output.Split('\n').ToLookup(line => line.StartsWith("WARNING: ", StringComparison.Ordinal));
        Assert.InRange(lines[true].Count(line => line.Contains("ignores its stop", StringComparison.Ordinal)), 2, 12);
        Assert.Equal("", error);
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("GARBAGE", output, StringComparison.Ordinal);
        Assert.Equal(
            """
            good pending=0 running=0 success=600 failed=0
            again pending=0 running=0 success=100 failed=0
            bad pending=0 running=0 success=0 failed=60
            hopeless pending=0 running=0 success=0 failed=60
            late pending=0 running=0 success=0 failed=10
            stubborn pending=0 running=0 success=0 failed=2
            noisy pending=0 running=0 success=58 failed=0
            odd pending=0 running=0 success=0 failed=40
            deep pending=0 running=0 success=40 failed=0
            code pending=0 running=0 success=20 failed=0
            program pending=0 running=0 success=0 failed=5
            nobodys pending=5 running=0 success=0 failed=0
            again: 2 attempts, at last
            bad: 1 retries, cannot: 1
            hopeless: 0 retries
            late: Timed out after 0.3s
            stubborn: 0 retries
            program: Timed out after 0.3s
            workers: 0
            errors: 177
            """.ReplaceLineEndings("\n"),
            string.Join('\n', lines[false]).TrimStart());
    }
}
