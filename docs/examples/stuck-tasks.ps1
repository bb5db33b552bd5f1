<#
.SYNOPSIS
    The incident this product exists for: tasks stand in 'running' and nothing moves.
.DESCRIPTION
    Builds a queue as it was found one day (55 tasks: 6 failed, 41 success, and 8 that have been running for 0.4 to 66.8
    hours) in a temporary folder, finds the stuck ones, shows what a cleanup would do, does it, and shows the result.
    Nothing outside the temporary folder is touched; the folder is deleted at the end unless -Keep is given.
#>
param([switch] $Keep)

$ErrorActionPreference = 'Stop'
$folder = [System.IO.Directory]::CreateTempSubdirectory('taskqueue-')
$now = [System.DateTimeOffset]::UtcNow

function New-PastTask([string] $Id, [string] $Status, [double] $HoursAgo) {
    $task = @{
        Id        = $Id
        Type      = 'publish'
        Status    = $Status
        Data      = @{ file_id = $Id.Split('_')[-1]; platform = 2 }
        CreatedAt = $now.AddHours(-$HoursAgo).AddMinutes(-1)
        StartedAt = $now.AddHours(-$HoursAgo)
    }
    if ($Status -ne 'running') { $task.CompletedAt = $task.StartedAt.AddMinutes(3) }
    if ($Status -eq 'failed') { $task.ErrorMessage = 'The video file does not exist' }
    [pscustomobject] $task
}

function Write-Step([string] $Text) { "", "PS> $Text" | Out-Default }

try {
    Connect-TaskQueue (Join-Path $folder task_queue.db) -Create | Out-Null

    1..41 | ForEach-Object { New-PastTask "publish_$_" success (80 + $_) } | Import-QueueTask
    42..47 | ForEach-Object { New-PastTask "publish_$_" failed (70 + $_) } | Import-QueueTask
    $id = 48
    66.8, 66.7, 66.7, 66.6, 20.0, 6.4, 5.3, 0.4 | ForEach-Object { New-PastTask "publish_$($id)" running $_; $id++ } | Import-QueueTask

    Write-Step 'Get-QueueTask -Status Running'
    Get-QueueTask -Status Running | Out-Default

    Write-Step 'Get-QueueTask -Stuck -OlderThan 1h'
    Get-QueueTask -Stuck -OlderThan 1h | Out-Default

    Write-Step 'Invoke-StuckTaskCleanup -MaxAgeHours 1 -WhatIf'
    Invoke-StuckTaskCleanup -MaxAgeHours 1 -WhatIf | Out-Default

    Write-Step 'Invoke-StuckTaskCleanup -MaxAgeHours 1'
    $report = Invoke-StuckTaskCleanup -MaxAgeHours 1
    $report | Out-Default

    $after = $report.After
    "", "failed $($after['failed']), running $($after['running']), success $($after['success'])"
    if ($after['failed'] -ne 13 -or $after['running'] -ne 1 -or $after['success'] -ne 41) {
        throw 'The incident was not repaired as it should have been.'
    }
}
finally {
    Disconnect-TaskQueue
    if ($Keep) { "Kept: $folder" } else { Remove-Item $folder -Recurse }
}
