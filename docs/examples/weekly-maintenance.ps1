<#
.SYNOPSIS
    Stops stuck tasks after a backup, removes old finished ones, and gives unused space back.
.DESCRIPTION
    Exit code 0: done. 1: something failed; the log says what. Nothing is cleaned if more tasks are stuck than MaxCount:
    then a person should look first. -WhatIf says what would be done, and changes nothing.
.PARAMETER Queue
    The queue: a path.
.PARAMETER MaxAge
    From this age on a running task counts as stuck.
.PARAMETER MaxCount
    The most tasks that may be cleaned without a person.
.PARAMETER KeepFinished
    How long finished tasks are kept. Failed ones stay until a person removes or restarts them.
#>
[CmdletBinding(SupportsShouldProcess)]
param(
    [Parameter(Mandatory)] [string] $Queue,
    [string] $MaxAge = '6h',
    [int] $MaxCount = 100,
    [string] $KeepFinished = '30d'
)

$ErrorActionPreference = 'Stop'
$reason = 'weekly maintenance'

Invoke-StuckTaskCleanup -Queue $Queue -MaxAge $MaxAge -MaxCount $MaxCount -Reason $reason -WhatIf:$WhatIfPreference

$old = 0
Get-QueueTask -Queue $Queue -Status Success, Cancelled -OlderThan $KeepFinished |
    ForEach-Object { $old++; $_ } |
    Remove-QueueTask -Reason $reason -WhatIf:$WhatIfPreference
"$(if ($WhatIfPreference) { 'Would remove' } else { 'Removed' }) $old finished tasks older than $KeepFinished."

Optimize-TaskQueue -Queue $Queue -WhatIf:$WhatIfPreference
