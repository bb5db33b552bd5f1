<#
.SYNOPSIS
    A failover drill: a pair of PostgreSQL servers changes roles again and again under real workers, and nothing acknowledged is lost.
.DESCRIPTION
    Worker processes run tasks, which a producer puts in throughout; all of them name both servers. In each round the primary crashes, is
    switched over, is demoted and goes on answering, or is cut off the network; then the standby takes over. In synchronous rounds each
    commit waits for the standby. The seed alone decides which fault comes when.

    The table says for each round how many tasks were acknowledged in it, how many of all that were acknowledged are missing since, how many
    ran to their end more than once, and the longest time in which no task ended. A task may run twice: the queue promises at least one
    run. In asynchronous rounds tasks may be lost: the server acknowledges what the standby does not have.

    The exit code is 0 if no task was lost in a synchronous round, and all others that were acknowledged and not lost ended in success.

    It runs on Linux and needs the built module and the programs of a PostgreSQL server. It talks to 127.0.0.1 only, and takes its
    processes and folders away at the end, also after Ctrl+C.
.EXAMPLE
    pwsh tests/soak/drill.ps1
.EXAMPLE
    pwsh tests/soak/drill.ps1 -Rounds 40 -Seed 7 -KeepFiles
#>
[CmdletBinding()]
param(
    [ValidateRange(1, 1000)]
    [int] $Rounds = 20,

    [ValidateRange(0, 1000000)]
    [int] $Seed = 1,

    [ValidateRange(1, 16)]
    [int] $Workers = 4,

    # The module to test: a folder.
    [string] $Module = "$PSScriptRoot/../../output/TaskQueue",

    # Prints the faults and ends.
    [switch] $ScheduleOnly,

    # Leaves the folder with the servers and everything that workers wrote.
    [switch] $KeepFiles
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
foreach ($part in 'Schedule', 'Faults', 'PostgresPair', 'Processes', 'Failover') { . "$PSScriptRoot/$part.ps1" }

$schedule = @(Get-DrillSchedule $Seed $Rounds)
"Seed $Seed, $Rounds rounds, $Workers workers:"
$schedule | ForEach-Object { '  {0,3} {1,-12} {2}, standby promoted after {3} s' -f $_.Round, $_.Mode, $_.Kind, $_.Seconds }
if ($ScheduleOnly) { return }
if (-not $IsLinux) { throw 'The drill runs on Linux only: it stops processes.' }

$folder = [IO.Directory]::CreateTempSubdirectory('taskqueue-drill-').FullName
# The servers' user must get to their folder.
chmod 755 $folder
$run = @{
    Module = (Resolve-Path -LiteralPath $Module).ProviderPath
    LeaseSeconds = 6
    Logs = (New-Item -ItemType Directory "$folder/logs").FullName
    ProducerLog = "$folder/produced"
    ClockLibrary = $null
    Store = @{ Location = $null; Pair = $null }
    Workers = @{}
    Instances = [Collections.Generic.List[object]]::new()
    Overdue = [Collections.Generic.List[string]]::new()
}
$producer = $null
$exitCode = $null
$lost = [Collections.Generic.HashSet[string]]::new()
$table = [Collections.Generic.List[object]]::new()

function Get-Acknowledged {
    [IO.File]::Exists($run.ProducerLog) ? @([IO.File]::ReadAllLines($run.ProducerLog) | ForEach-Object { ($_ -split ' ')[1] }) : @()
}

# The tasks that the queue has, with their status.
function Get-Present {
    $present = @{}
    foreach ($row in Invoke-PostgresSql $run.Store.Pair "SELECT id || ' ' || status FROM drill.task") {
        $id, $status = $row -split ' '
        $present[$id] = $status
    }
    $present
}

# Until tasks are acknowledged and end again.
function Wait-Work([long] $From) {
    $known = @(Get-Acknowledged).Count
    $patience = [Diagnostics.Stopwatch]::StartNew()
    while (@(Get-Acknowledged).Count -le $known + 1 -or
        -not (Read-AttemptLog $run | Where-Object { $_.What -eq 'end' -and $_.Time -gt $From })) {
        if ($patience.Elapsed.TotalMinutes -gt 5) { throw 'Nothing goes on any more.' }
        Restart-EndedWorker $run
        Start-Sleep -Milliseconds 250
    }
}

function Measure-Round([object] $Fault, [int] $Before, [long] $From, [long] $To) {
    $acknowledged = @(Get-Acknowledged)
    $present = Get-Present
    $missing = @($acknowledged | Where-Object { -not $present.ContainsKey($_) -and $lost.Add($_) })
    $ends = @(Read-AttemptLog $run | Where-Object What -EQ 'end')
    $times = @($From; $ends.Time | Where-Object { $_ -gt $From -and $_ -lt $To } | Sort-Object; $To)
    $longest = 0L
    for ($index = 1; $index -lt $times.Count; $index++) { $longest = [Math]::Max($longest, $times[$index] - $times[$index - 1]) }
    $again = @($ends | Group-Object Task | Where-Object { $_.Count -gt 1 -and $_.Group.Where({ $_.Time -gt $From -and $_.Time -lt $To }) })
    [pscustomobject]@{
        Round = $Fault.Round; Standby = $Fault.Mode; Fault = $Fault.Kind; Acknowledged = $acknowledged.Count - $Before
        Lost = $missing.Count; RunTwice = $again.Count; Standstill = '{0:n1} s' -f ($longest / [Diagnostics.Stopwatch]::Frequency)
    }
}

try {
    $pair = $run.Store.Pair = New-PostgresPair $folder
    Start-PostgresPair $pair
    $run.Store.Location = "postgresql://postgres@127.0.0.1:$($pair.Port),127.0.0.1:$($pair.SparePort)/jobs?schema=drill"
    Import-Module $run.Module
    $null = Connect-TaskQueue $run.Store.Location -Create
    Copy-DrillStandby $pair

    1..$Workers | ForEach-Object { Start-SoakWorker $run "w$_" }
    $producer = Start-SoakProcess $run producer producer.ps1 @{
        Module = $run.Module; Queue = $run.Store.Location; LogFile = $run.ProducerLog; StopFile = "$folder/stop"; Seed = $Seed
    }
    Wait-Work 0
    ''
    foreach ($fault in $schedule) {
        Set-DrillMode $pair $fault.Mode
        $before = @(Get-Acknowledged).Count
        $from = [Diagnostics.Stopwatch]::GetTimestamp()
        Start-Sleep -Seconds $fault.After
        Invoke-DrillFault $pair $fault
        Wait-Work ([Diagnostics.Stopwatch]::GetTimestamp())
        $round = Measure-Round $fault $before $from ([Diagnostics.Stopwatch]::GetTimestamp())
        $table.Add($round)
        '  {0,3} {1,-12} {2,-11} {3,4} acknowledged, {4} lost, {5} run twice, longest standstill {6}' -f @($round.PSObject.Properties.Value)
    }

    $null = New-Item "$folder/stop"
    $null = $producer.Process.WaitForExit(120000)
    $patience = [Diagnostics.Stopwatch]::StartNew()
    while ((Get-Present).Values -ne 'success' -and $patience.Elapsed.TotalMinutes -lt 3) {
        Restart-EndedWorker $run
        Start-Sleep -Seconds 1
    }
    Stop-SoakWorker $run 60

    $present = Get-Present
    $missing = @(Get-Acknowledged | Where-Object { -not $present.ContainsKey($_) -and $lost.Add($_) })
    $unfinished = @($present.GetEnumerator() | Where-Object Value -NE 'success')
    ''
    $table | Format-Table -AutoSize | Out-String -Width 140
    foreach ($mode in $table | Group-Object Standby) {
        '{0}: {1} rounds, {2} acknowledged, {3} lost, {4} run twice' -f @(
            $mode.Name; $mode.Count
            foreach ($figure in 'Acknowledged', 'Lost', 'RunTwice') { ($mode.Group | Measure-Object $figure -Sum).Sum }
        )
    }
    "Missing at the end, from no round: $($missing.Count). Not ended in success: $($unfinished.Count)."
    $unfinished | Select-Object -First 20 | ForEach-Object { "  $($_.Key) is $($_.Value)" }
    $broken = $missing.Count + $unfinished.Count + ($table | Where-Object Standby -EQ 'synchronous' | Measure-Object Lost -Sum).Sum
    $exitCode = $broken ? 1 : 0
}
finally {
    Stop-SoakProcess (@($run.Instances) + @($producer))
    if ($run.Store.Pair) { Stop-PostgresPair $run.Store.Pair }
    if (-not $KeepFiles) { Remove-Item -LiteralPath $folder -Recurse -Force }
    # After Ctrl+C nothing below is run, and pwsh would end with 0.
    if ($null -eq $exitCode) { $Host.SetShouldExit(1) }
}
exit $exitCode
