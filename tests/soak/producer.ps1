<#
.SYNOPSIS
    Puts tasks into the queue of the soak until the file of -StopFile is there. soak.ps1 starts it.
.DESCRIPTION
    It writes one line for each task to -LogFile: 'added' once the queue has acknowledged it, 'found' where a call failed and the next
    one says that the task is there. It asks again until it knows one of the two, so that at the end each id is known exactly.
#>
param(
    [Parameter(Mandatory)] [string] $Module,
    [Parameter(Mandatory)] [string] $Queue,
    [Parameter(Mandatory)] [string] $LogFile,
    [Parameter(Mandatory)] [string] $StopFile,
    [Parameter(Mandatory)] [int] $Seed
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
$random = [Random]::new($Seed)
$log = [IO.StreamWriter]::new($LogFile)
$log.AutoFlush = $true

for ($number = 1; -not (Test-Path -LiteralPath $StopFile); $number++) {
    # One task in ten is renewed before it ends. No task is so long that four kills by chance would be likely to meet it.
    $milliseconds = $random.Next(10) -eq 0 ? $random.Next(3000, 6000) : $random.Next(50, 1500)
    for ($try = 1; ; $try++) {
        try {
            $null = New-QueueTask work @{ milliseconds = $milliseconds } -Id "task-$number" -Queue $Queue
            $log.WriteLine("added task-$number $milliseconds")
            break
        }
        catch {
            if ($_.FullyQualifiedErrorId -like 'TaskInvalid,*' -and $_.Exception.Message -like "*'task-$number' already*") {
                $log.WriteLine("found task-$number $milliseconds")
                break
            }
            # Checks.ps1 reads this: a call may fail while the store is away, and then says so.
            [Console]::Error.WriteLine("task-$number, try ${try}: $($_.FullyQualifiedErrorId): $($_.Exception.Message)")
            Start-Sleep -Milliseconds 500
        }
    }
    Start-Sleep -Milliseconds $random.Next(100, 700)
}
