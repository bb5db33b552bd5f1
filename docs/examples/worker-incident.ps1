<#
.SYNOPSIS
    Four ways in which tasks stand in 'running' and nothing moves, told apart, repaired, and taken back.
.DESCRIPTION
    In a temporary folder: a worker dies, a worker hangs, a session is slow, and a task of the original system knows no heartbeats.
    The cleanup tells the four apart. One stop is taken back before its worker learned of it, and the worker finishes as if nothing had
    happened; another is taken back after that, and the task waits for its next try.
    The workers are processes of their own, really killed and really paused: on Linux and macOS (Windows cannot pause a process).
    Ages are seconds here, so that nobody has to wait an hour.
#>
param([switch] $Keep)

$ErrorActionPreference = 'Stop'
$folder = [System.IO.Directory]::CreateTempSubdirectory('taskqueue-')
$queue = Join-Path $folder jobs.db
$workers = @{}

function Write-Step([string] $Text) { "", "PS> $Text" | Out-Default }

function Wait-Until([scriptblock] $Condition, [string] $What) {
    $deadline = [System.DateTime]::UtcNow.AddSeconds(60)
    while (-not (& $Condition)) {
        if ([System.DateTime]::UtcNow -gt $deadline) { throw "It did not come about that $What." }
        Start-Sleep -Milliseconds 50
    }
}

# A worker in another PowerShell: the same program that runs this script.
function Start-WorkerProcess([string] $Type, [string] $Handler) {
    $start = [System.Diagnostics.ProcessStartInfo]::new([System.Environment]::ProcessPath)
    $program = [System.Environment]::GetCommandLineArgs()[0]
    if ([System.IO.Path]::GetFileNameWithoutExtension($start.FileName) -eq 'dotnet') { $start.ArgumentList.Add($program) }
    $start.ArgumentList.Add('-Command')
    $start.ArgumentList.Add("Import-Module '$((Get-Module TaskQueue).Path)'; " +
        "Start-QueueWorker -Queue '$queue' -Type $Type -Handler { $Handler } -LeaseTime 3s")
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $workers[$Type] = [System.Diagnostics.Process]::Start($start)
}

# A process that is paused in the middle of a write keeps the queue locked: then it goes on for a moment.
function Suspend-Worker([string] $Type) {
    while ($true) {
        & kill -STOP $workers[$Type].Id
        $slow | Send-QueueTaskHeartbeat -ErrorAction SilentlyContinue -ErrorVariable locked
        if (-not $locked) { return }
        & kill -CONT $workers[$Type].Id
    }
}

try {
    $null = Connect-TaskQueue $queue -Create -Timeout 3s
    $null = New-QueueTask import @{ file = 'march.csv' } -Id nightly-import
    $null = New-QueueTask transcode @{ film = 'a.mov' } -Id transcode-17
    $null = New-QueueTask render @{ scene = 881 } -Id render-881

    # As a service leaves it that knows no heartbeats: age will be the only evidence.
    @{
        Id = 'publish_48'; Type = 'publish'; Status = 'running'; StartedAt = [System.DateTimeOffset]::UtcNow.AddHours(-66.8)
    } | Import-QueueTask

    Start-WorkerProcess import 'Start-Sleep 600'
    Start-WorkerProcess transcode "while (-not (Test-Path '$folder/go')) { Start-Sleep -Milliseconds 50 }; 'done'"
    Wait-Until { (Get-QueueTask -Id nightly-import, transcode-17 -Status Running).Count -eq 2 } 'both workers have begun'
    $slow = Receive-QueueTask render -LeaseTime 10m
    $slow | Send-QueueTaskHeartbeat -Progress 71 -Message 'encoding'

    # The second worker is paused first: it would take the dead one's task back within seconds.
    Suspend-Worker transcode
    $workers['import'].Kill()
    $workers['import'].WaitForExit()
    Wait-Until {
        $stuck = @(Get-QueueTask -Stuck -OlderThan 2s)
        $stuck.Count -eq 4 -and $stuck.Verdict -contains 'Stalled'
    } 'all are old enough'

    Write-Step 'Get-QueueTask -Stuck -OlderThan 2s'
    Get-QueueTask -Stuck -OlderThan 2s | Out-Default

    $types = 'import', 'transcode', 'render'
    Write-Step 'Invoke-StuckTaskCleanup -MaxAge 2s -Type $types -WhatIf'
    Invoke-StuckTaskCleanup -MaxAge 2s -Type $types -WhatIf | Out-Default

    Write-Step ("`$report = Invoke-StuckTaskCleanup -MaxAge 2s -Type `$types -IncludeStalled " +
        "-Reason 'nothing moved since midnight'; `$report")
    $report = Invoke-StuckTaskCleanup -MaxAge 2s -Type $types -IncludeStalled -Reason 'nothing moved since midnight'
    $report | Out-Default

    Write-Step 'Undo-QueueOperation $report      # its disk was away; the worker of transcode-17 lives and has not been told yet'
    Undo-QueueOperation $report | Out-Default
    & kill -CONT $workers['transcode'].Id
    $null = New-Item (Join-Path $folder go)

    Write-Step 'Wait-QueueTask transcode-17'
    Wait-QueueTask transcode-17 -Timeout 60s | Out-Default

    Write-Step "Stop-QueueTask render-881 -Force -Wait -Reason 'wrong scene'"
    Stop-QueueTask render-881 -Force -Wait -Reason 'wrong scene'

    Write-Step "Get-QueueOperation -Kind 'force cancel' -Newest 1 | Undo-QueueOperation"
    Get-QueueOperation -Kind 'force cancel' -Newest 1 | Undo-QueueOperation | Out-Default

    Write-Step 'Get-QueueTaskHistory render-881'
    Get-QueueTaskHistory render-881 | Out-Default
}
finally {
    foreach ($worker in $workers.Values) { if (-not $worker.HasExited) { $worker.Kill($true) } }
    Disconnect-TaskQueue
    if ($Keep) { "Kept: $folder" } else { Remove-Item $folder -Recurse }
}
