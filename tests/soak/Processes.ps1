<# The processes of the soak: workers, which are started again whenever one ends, as a service manager does; and the producer. #>

# Compiles the library that steps a process's clock and bounds its life; nothing where there is no compiler.
function Build-ClockLibrary([string] $Folder) {
    if (-not (Get-Command cc -ErrorAction Ignore)) { return }
    cc -O1 -Wall -Werror -shared -fPIC -o "$Folder/clock.so" "$PSScriptRoot/clock.c" -ldl
    if ($LASTEXITCODE -ne 0) { throw 'clock.c could not be compiled.' }
    "$Folder/clock.so"
}

# Another process of the PowerShell that runs this. The shell makes way for it, so that signals reach it and its files outlive us.
function Start-SoakProcess([hashtable] $Run, [string] $Name, [string] $Script, [hashtable] $Parameter) {
    $start = [Diagnostics.ProcessStartInfo]::new('/bin/sh')
    $program = @([Environment]::ProcessPath)
    if ([IO.Path]::GetFileName($program[0]) -eq 'dotnet') { $program += [Environment]::GetCommandLineArgs()[0] }
    $arguments = $Parameter.GetEnumerator() | ForEach-Object { "-$($_.Key)"; "$($_.Value)" }
    @(
        '-c', 'exec "$@" </dev/null >"$SOAK_OUTPUT" 2>"$SOAK_ERRORS"', 'sh'
        $program
        '-NoProfile', '-NonInteractive', '-File', "$PSScriptRoot/$Script"
        $arguments
    ) | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.Environment['SOAK_OUTPUT'] = "$($Run.Logs)/$Name.out"
    $start.Environment['SOAK_ERRORS'] = "$($Run.Logs)/$Name.err"
    $start.Environment['NO_COLOR'] = $start.Environment['POWERSHELL_TELEMETRY_OPTOUT'] = '1'
    $clockFile = $null
    if ($Run.ClockLibrary) {
        $clockFile = "$($Run.Logs)/$Name.clock"
        Write-ClockOffset $clockFile 0
        $start.Environment['LD_PRELOAD'] = $Run.ClockLibrary
        $start.Environment['SOAK_CLOCK'] = $clockFile
        $start.Environment['SOAK_SECONDS'] = "$($Run.LongestSeconds)"
    }
    [pscustomobject]@{
        Name      = $Name
        Process   = [Diagnostics.Process]::Start($start)
        ClockFile = $clockFile
        # What was sent to it, by whichever thread.
        Signals   = [Collections.Concurrent.ConcurrentQueue[string]]::new()
    }
}

# Kills what still runs.
function Stop-SoakProcess([object[]] $Process) {
    foreach ($item in $Process | Where-Object { $_ -and -not $_.Process.HasExited }) { & kill -KILL $item.Process.Id }
}

function Start-SoakWorker([hashtable] $Run, [string] $Worker) {
    $number = 1 + @($Run.Instances | Where-Object Name -Like "$Worker-*").Count
    $name = "$Worker-$number"
    $instance = Start-SoakProcess $Run $name worker.ps1 @{
        Module = $Run.Module; Queue = $Run.Store.Location; Name = $name; LogFolder = $Run.Logs; LeaseSeconds = $Run.LeaseSeconds
    }
    $Run.Instances.Add($instance)
    $Run.Workers[$Worker] = $instance
}

function Restart-EndedWorker([hashtable] $Run) {
    foreach ($worker in @($Run.Workers.Keys)) {
        if ($Run.Workers[$worker].Process.HasExited) { Start-SoakWorker $Run $worker }
    }
}

# Tells all of them to end; kills those that do not, which their exit codes then tell.
function Stop-SoakWorker([hashtable] $Run, [int] $Seconds) {
    $running = @($Run.Workers.Values)
    foreach ($instance in $running) { Send-Signal $instance TERM }
    $clock = [Diagnostics.Stopwatch]::StartNew()
    foreach ($instance in $running) {
        $left = [Math]::Max(0, $Seconds - $clock.Elapsed.TotalSeconds)
        if (-not $instance.Process.WaitForExit([int]($left * 1000))) {
            $Run.Overdue.Add($instance.Name)
            Send-Signal $instance KILL
            $instance.Process.WaitForExit()
        }
    }
    $Run.Workers.Clear()
}

# All lines of the attempts' logs: What, Task, Attempt, Worker, Time (of the monotonic clock).
function Read-AttemptLog([hashtable] $Run, [string] $Instance = '*') {
    foreach ($file in [IO.Directory]::GetFiles($Run.Logs, "$Instance.*.log")) {
        foreach ($line in [IO.File]::ReadAllLines($file)) {
            # A worker that was killed may have left half a line.
            if ($line -match '^(begin|end) (\S+) (\d+) (\S+) (\d+)$') {
                [pscustomobject]@{
                    What = $Matches[1]; Task = $Matches[2]; Attempt = [int]$Matches[3]; Worker = $Matches[4]; Time = [long]$Matches[5]
                }
            }
        }
    }
}

# How a worker's process ended: Verdict is 'as asked', 'could not start' (the store was away), or what was wrong.
function Get-ProcessEnd([hashtable] $Run, [object] $Instance) {
    $code = $Instance.Process.ExitCode
    $signals = $Instance.Signals.ToArray()
    $errors = [IO.File]::ReadAllText("$($Run.Logs)/$($Instance.Name).err")
    $verdict = if ($code -eq 134 -or $errors -match 'Unhandled exception|Fatal error\.') { 'aborted' }
    elseif ('KILL' -in $signals) { 'as asked' }
    # 143: the signal came before the worker had begun to listen for it.
    elseif ('TERM' -in $signals -and $code -in 0, 143) { 'as asked' }
    elseif ($errors -match 'QueueUnavailable' -and -not (Read-AttemptLog $Run $Instance.Name)) { 'could not start' }
    elseif ('TERM' -in $signals) { 'ended with an error when told to end' }
    else { 'ended unasked' }
    [pscustomobject]@{ Name = $Instance.Name; ExitCode = $code; Verdict = $verdict; Errors = $errors.Trim() }
}
