<#
.SYNOPSIS
    Says what a cleanup would do and whether the queue is within its limits. Changes nothing.
.DESCRIPTION
    Exit code 0: in order. 2: beyond a limit; the log says which, and names each task. 1: the check itself failed.
.PARAMETER Queue
    The queue: a path.
.PARAMETER MaxAge
    From this age on a running task counts as stuck.
.PARAMETER MaxStuck
    The most stuck tasks that are no reason to wake anybody.
.PARAMETER MaxWaiting
    The most tasks that may be due and wait for a worker.
#>
param(
    [Parameter(Mandatory)] [string] $Queue,
    [string] $MaxAge = '1h',
    [int] $MaxStuck = 0,
    [int] $MaxWaiting = 1000
)

$ErrorActionPreference = 'Stop'

# The plan is made by the code that would clean, with the limit of this check.
Invoke-StuckTaskCleanup -Queue $Queue -MaxAge $MaxAge -WhatIf

# Last, so that its sentences stand at the end of the log.
if (-not (Test-TaskQueue -Queue $Queue -MaxStuck $MaxStuck -MaxAge $MaxAge -MaxWaiting $MaxWaiting -Verbose)) {
    exit 2
}
