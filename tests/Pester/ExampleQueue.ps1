<#
.SYNOPSIS
    The queue that the examples of the help run on: tasks.db in the current location.
.DESCRIPTION
    Eight tasks stand in 'running', as in docs/examples/stuck-tasks.ps1; the others are in every other state. TASKQUEUE names the queue,
    so that examples need no -Queue.
#>
$now = [DateTimeOffset]::UtcNow

function New-ExampleTask([string] $Id, [string] $Type, [string] $Status, [double] $HoursAgo, [hashtable] $With = @{}) {
    $since = $now.AddHours(-$HoursAgo)
    $task = @{ Id = $Id; Type = $Type; Status = $Status; Data = @{ file = "$Id.csv" }; CreatedAt = $since.AddMinutes(-5) } + $With
    if ($Status -notin 'pending', 'cancelled') { $task.StartedAt = $since }
    if ($Status -in 'success', 'failed', 'cancelled') { $task.CompletedAt = $since.AddMinutes(3) }
    [pscustomobject] $task
}

$null = Connect-TaskQueue ./tasks.db -Create
$number = 48
$running = foreach ($hours in 66.8, 66.7, 66.7, 66.6, 20.0, 6.4, 5.3, 0.4) {
    New-ExampleTask "publish_$number" publish running $hours
    $number++
}
@(
    New-ExampleTask report-2025 report success 1000 @{ Result = @{ rows = 120 } }
    New-ExampleTask publish_46 publish success 70
    New-ExampleTask publish_47 publish failed 69 @{ ErrorMessage = 'The video file does not exist' }
    $running
    New-ExampleTask mail-77 mail failed 3 @{ ErrorMessage = 'The mailbox is full' }
    New-ExampleTask render-880 render cancelled 2
    New-ExampleTask render-881 render retry 0.5 @{ RetryCount = 1; DueAt = $now.AddMinutes(20); ErrorMessage = 'The scene is locked' }
    New-ExampleTask import-march import pending 0.3 @{ Priority = 2 }
    New-ExampleTask import-april import pending 0.2
) | Import-QueueTask
Disconnect-TaskQueue
$env:TASKQUEUE = [IO.Path]::GetFullPath('tasks.db', $PWD.ProviderPath)
