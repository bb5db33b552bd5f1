<#
.SYNOPSIS
    A worker of the soak, which runs until it is told to end. soak.ps1 starts it.
.DESCRIPTION
    Its handlers sleep as long as the task's data says. Each writes when an attempt begins and when it has run to its end, in a file
    of its runspace: 'begin|end <task> <attempt> <worker> <time>'. Times are those of the monotonic clock: processes share it, and
    steps of the wall clock leave it alone.
#>
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Queue,
    [Parameter(Mandatory)] [string] $Name,
    [Parameter(Mandatory)] [string] $LogFolder,
    [Parameter(Mandatory)] [int] $LeaseSeconds
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
$worker = @{
    Queue       = $Queue
    Concurrency = 3
    LeaseTime   = "${LeaseSeconds}s"
    # Shorter than the longest tasks: they are given back.
    GracePeriod = '2s'
    RetryDelay  = '1s'
    Variable    = @{ Name = $Name; LogFolder = $LogFolder }
}
try {
    Start-QueueWorker @worker -InitializationScript {
        $log = [IO.File]::Open("$LogFolder/$Name.$([runspace]::DefaultRunspace.Id).log", 'Append', 'Write', 'ReadWrite')
        function Write-Attempt([string] $What) {
            $time = [Diagnostics.Stopwatch]::GetTimestamp()
            $log.Write([Text.Encoding]::UTF8.GetBytes("$What $($Task.Id) $($Task.Attempt) $Name $time`n"))
            $log.Flush()
        }
    } -Type work -Handler {
        Write-Attempt begin
        Start-Sleep -Milliseconds $Task.Data.milliseconds
        Write-Attempt end
        @{ attempt = $Task.Attempt; worker = $Name }
    } | ForEach-Object { "$($_.Id) $($_.StatusText) $($_.Attempt)" }
}
catch {
    # The id says whether only the store was away.
    [Console]::Error.WriteLine("$($_.FullyQualifiedErrorId): $_")
    exit 1
}
