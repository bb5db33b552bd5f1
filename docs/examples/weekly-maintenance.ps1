<#
.SYNOPSIS
    Stops stuck tasks after a backup, removes old finished ones, and gives unused space back.
.DESCRIPTION
    Exit code 0: done. 1: something failed; the log says what. Nothing is cleaned if more tasks are stuck than MaxCount:
    then a person should look first.
.PARAMETER Queue
    The queue: a path.
.PARAMETER MaxAge
    From this age on a running task counts as stuck.
.PARAMETER MaxCount
    The most tasks that may be cleaned without a person.
.PARAMETER KeepFinished
    How long finished tasks are kept. Failed ones stay until a person removes or restarts them.
#>
param(
    [Parameter(Mandatory)] [string] $Queue,
    [string] $MaxAge = '6h',
    [int] $MaxCount = 100,
    [string] $KeepFinished = '30d'
)

$ErrorActionPreference = 'Stop'
$reason = 'weekly maintenance'

Invoke-StuckTaskCleanup -Queue $Queue -MaxAge $MaxAge -MaxCount $MaxCount -Reason $reason

Get-QueueTask -Queue $Queue -Status Success, Cancelled -OlderThan $KeepFinished | Remove-QueueTask -Reason $reason

Optimize-TaskQueue -Queue $Queue
