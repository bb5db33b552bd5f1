<#
.SYNOPSIS
    Real workers under faults for some minutes: every task must end in success, recorded once, and no worker may give up.
.DESCRIPTION
    Worker processes run tasks of random short duration, which a producer puts in throughout. Meanwhile faults come in an order that
    the seed alone decides: workers are killed, told to end (and killed if that takes too long), paused for up to three leases, and
    have their wall clock stepped forth and back. The disk of the queue runs full. The server of a queue in PostgreSQL restarts, fails
    over to its standby, and refuses writes.

    Then the faults stop. Each worker must still take tasks. New workers run what is left, and the rules are checked: every
    acknowledged task is there, succeeded, and was recorded once (a trigger of the database counts); none is running; no worker
    aborted, ended unasked, or hung; after each fault the numbers of tasks that the queue keeps were those that one counts. An
    attempt may run more than once, since the queue promises at least one run: the table says how often it did.

    The exit code is 0 if all rules hold, 1 if one is broken or the run was cut short. Which moment of a task a fault meets differs
    from run to run.

    It runs on Linux and needs the built module, sqlite3 for SQLite, and the programs of a PostgreSQL server for PostgreSQL. Without
    root no small disk can be mounted, and without a C compiler no clock be stepped: these faults are then skipped, and counted as
    skipped. It talks to 127.0.0.1 only, and takes its processes, mounts and folders away at the end, also after Ctrl+C.
.EXAMPLE
    pwsh tests/soak/soak.ps1 -Store Sqlite
.EXAMPLE
    pwsh tests/soak/soak.ps1 -Store PostgreSql -Minutes 60 -Seed 7 -KeepFiles
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)]
    [ValidateSet('Sqlite', 'PostgreSql')]
    [string] $Store,

    # How long faults come.
    [ValidateRange(1, 240)]
    [int] $Minutes = 10,

    [ValidateRange(0, 1000000)]
    [int] $Seed = 1,

    [ValidateRange(1, 16)]
    [int] $Workers = 4,

    # How long the last workers have for what is left; they are done much earlier.
    [ValidateRange(1, 60)]
    [int] $PatienceMinutes = 5,

    # The module to test: a folder.
    [string] $Module = "$PSScriptRoot/../../output/TaskQueue",

    # Prints the faults and ends.
    [switch] $ScheduleOnly,

    # Leaves the folder with the queue and everything that workers wrote.
    [switch] $KeepFiles
)

Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
foreach ($part in 'Schedule', 'Faults', 'Store', 'PostgresPair', 'Processes', 'Checks') { . "$PSScriptRoot/$part.ps1" }

$leaseSeconds = 6
$names = 1..$Workers | ForEach-Object { "w$_" }
$schedule = @(Get-SoakSchedule -Seed $Seed -Seconds ($Minutes * 60) -Worker $names -Store $Store -LeaseSeconds $leaseSeconds)
"Seed $Seed, $Minutes minutes on $Store, $Workers workers, $($schedule.Count) faults:"
$schedule | ForEach-Object {
    $details = @($_.Mode; if ($_.Offset) { "by $($_.Offset) s" }; if ($_.Seconds) { "for $($_.Seconds) s" }) -ne '' -join ', '
    '  {0:hh\:mm\:ss} {1,-5} {2} {3}' -f [TimeSpan]::FromSeconds($_.At), $_.Target, $_.Kind, $details
}
if ($ScheduleOnly) { return }
if (-not $IsLinux) { throw 'The soak runs on Linux only: it pauses processes, steps their clocks and mounts a disk.' }
if ($Store -eq 'Sqlite') { $null = Get-Command sqlite3 }

$folder = [IO.Directory]::CreateTempSubdirectory('taskqueue-soak-').FullName
# The server's user must get to its folder.
chmod 755 $folder
$run = [hashtable]::Synchronized(@{
    Module = (Resolve-Path -LiteralPath $Module).ProviderPath
    Seconds = $Minutes * 60
    LongestSeconds = ($Minutes + $PatienceMinutes + 15) * 60
    LeaseSeconds = $leaseSeconds
    Logs = (New-Item -ItemType Directory "$folder/logs").FullName
    ProducerLog = "$folder/produced"
    ClockLibrary = Build-ClockLibrary $folder
    Store = $null
    Workers = [hashtable]::Synchronized(@{})
    Instances = [Collections.Generic.List[object]]::new()
    Hung = [Collections.Generic.List[string]]::new()
    Overdue = [Collections.Generic.List[string]]::new()
    Miscounts = [Collections.Generic.List[string]]::new()
    Compared = 0
    Done = [Collections.Concurrent.ConcurrentQueue[object]]::new()
    Clock = [Diagnostics.Stopwatch]::new()
    StartedAt = 0L
    IsProducerDone = $false
})
$lanes = @()
$producer = $null
$shown = 0
$exitCode = $null

# Tells of the faults that are over, compares the numbers of tasks after them, and starts workers again that have ended.
function Step-Soak {
    Restart-EndedWorker $run
    if ($run.Done.Count -gt $script:shown) { Compare-Number }
    foreach ($fault in $run.Done.ToArray() | Select-Object -Skip $script:shown) {
        '  {0:hh\:mm\:ss} {1,-5} {2}: {3}' -f [TimeSpan]::FromSeconds($fault.At), $fault.Target, $fault.Kind, $fault.Outcome
        $script:shown++
    }
    Start-Sleep -Milliseconds 250
}

# Another fault may keep the store away: then the next comparison tells.
function Compare-Number {
    try {
        foreach ($miscount in Get-Miscount $run.Store) { $run.Miscounts.Add(('{0:hh\:mm\:ss} {1}' -f $run.Clock.Elapsed, $miscount)) }
        $run.Compared++
    }
    catch { Write-Verbose "The numbers were not compared: $_" }
}

function Write-Phase([string] $Text) { '  {0:hh\:mm\:ss}       {1}' -f $run.Clock.Elapsed, $Text }

try {
    $run.Store = Open-SoakStore $Store "$folder/store"
    Import-Module $run.Module
    $null = Connect-TaskQueue $run.Store.Location -Create
    Add-OutcomeTable $run.Store

    "`nRun in ${folder}:"
    $run.StartedAt = [Diagnostics.Stopwatch]::GetTimestamp()
    $run.Clock.Start()
    $names | ForEach-Object { Start-SoakWorker $run $_ }
    $producer = Start-SoakProcess $run producer producer.ps1 @{
        Module = $run.Module; Queue = $run.Store.Location; LogFile = $run.ProducerLog; StopFile = "$folder/stop"; Seed = $Seed
    }
    $lanes = @(Start-FaultLane $run $schedule)
    while ($run.Clock.Elapsed.TotalSeconds -lt $run.Seconds -or $lanes.State -contains 'Running') { Step-Soak }

    Write-Phase 'the faults are over: each worker must take tasks'
    $calm = [Diagnostics.Stopwatch]::StartNew()
    $from = [Diagnostics.Stopwatch]::GetTimestamp()
    do {
        Step-Soak
        $idle = $run.Workers.Values | Where-Object { -not (Read-AttemptLog $run $_.Name | Where-Object Time -GT $from) }
    } while ($idle -and $calm.Elapsed.TotalSeconds -lt 120)
    foreach ($worker in $idle) { $run.Hung.Add($worker.Name) }
    $null = New-Item "$folder/stop"
    $run.IsProducerDone = $producer.Process.WaitForExit(120000) -and $producer.Process.ExitCode -eq 0
    Stop-SoakWorker $run 60

    Write-Phase 'new workers run what is left'
    'x1', 'x2' | ForEach-Object { Start-SoakWorker $run $_ }
    $patience = [Diagnostics.Stopwatch]::StartNew()
    do {
        Step-Soak
        Start-Sleep -Seconds 1
    } while ((Get-QueueTask -Status Pending, Retry, Running) -and $patience.Elapsed.TotalMinutes -lt $PatienceMinutes)
    Stop-SoakWorker $run 60

    Write-Phase 'done'
    Compare-Number
    $result = Get-SoakResult $run $schedule.Count
    ''
    $result.Figures.GetEnumerator() | ForEach-Object { '  {0,-52} {1}' -f $_.Key, $_.Value }
    ''
    if ($result.Broken) {
        "$($result.Broken.Count) times a rule is broken:"
        $result.Broken | Select-Object -First 40 | ForEach-Object { "  $_" }
    }
    elseif (-not $result.Figures['recoveries']) { 'All rules hold, but no task had to be taken back: a longer run tells more.' }
    else { 'All rules hold.' }
    $exitCode = $result.Broken ? 1 : 0
}
finally {
    $lanes | Stop-Job -PassThru | Remove-Job -Force
    Stop-SoakProcess (@($run.Instances) + @($producer))
    if ($run.Store) { Close-SoakStore $run.Store }
    if (-not $KeepFiles) { Remove-Item -LiteralPath $folder -Recurse -Force }
    # After Ctrl+C nothing below is run, and pwsh would end with 0.
    if ($null -eq $exitCode) { $Host.SetShouldExit(1) }
}
exit $exitCode
