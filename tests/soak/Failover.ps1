<#
    What the drill does to its pair of servers, each of which keeps its port: clients have both in their location, and have to find the one
    that takes writes.
#>

# The faults of a drill: the same for the same seed.
function Get-DrillSchedule([int] $Seed, [int] $Rounds) {
    $random = [Random]::new($Seed)
    $left = [Collections.Generic.Queue[string]]::new()
    $all = foreach ($mode in 'synchronous', 'asynchronous') {
        foreach ($kind in 'crash', 'switchover', 'demotion', 'network cut') { "$mode/$kind" }
    }
    foreach ($round in 1..$Rounds) {
        $mode, $kind = (Get-NextKind $left $random $all) -split '/'
        [pscustomobject]@{ Round = $round; Mode = $mode; Kind = $kind; Seconds = $random.Next(1, 7); After = $random.Next(3, 7) }
    }
}

# The standby in step with the primary, and needed for each commit or not.
function Set-DrillMode([hashtable] $Pair, [string] $Mode) {
    $names = $Mode -eq 'synchronous' ? '*' : ''
    $null = Invoke-PostgresSql $Pair "ALTER SYSTEM SET synchronous_standby_names = '$names'", 'SELECT pg_reload_conf()'
    Wait-DrillStandby $Pair ($Mode -eq 'synchronous' ? 'sync' : 'async')
}

function Wait-DrillStandby([hashtable] $Pair, [string] $State) {
    $position = Invoke-PostgresSql $Pair 'SELECT pg_current_wal_insert_lsn()'
    for ($try = 0; $try -lt 240; $try++) {
        $inStep = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = '$State' AND flush_lsn >= '$position'"
        if ((Invoke-PostgresSql $Pair $inStep) -eq 1) { return }
        Start-Sleep -Milliseconds 500
    }
    throw 'The standby did not get in step with the primary.'
}

# Ends with the other server as the primary, and this one as its standby.
function Invoke-DrillFault([hashtable] $Pair, [object] $Fault) {
    $isDemoted = $Fault.Kind -in 'switchover', 'demotion'
    switch ($Fault.Kind) {
        'crash' { Stop-PostgresNode $Pair $Pair.Primary immediate }
        'network cut' { Suspend-PostgresNode $Pair $Pair.Primary }
        default { Stop-PostgresNode $Pair $Pair.Primary fast }
    }
    if ($Fault.Kind -eq 'demotion') {
        # It answers, and takes no writes; for a while nobody does.
        Start-DemotedNode $Pair
    }
    Start-Sleep -Seconds $Fault.Seconds
    # As whoever watches over the pair does: else the one that takes over would wait for the one that is gone.
    $null = Invoke-PostgresSql $Pair -Port $Pair.SparePort "ALTER SYSTEM SET synchronous_standby_names = ''", 'SELECT pg_reload_conf()'
    Invoke-PostgresProgram $Pair pg_ctl -D $Pair.Standby -w -t 120 promote
    if ($Fault.Kind -eq 'switchover') { Start-DemotedNode $Pair }
    if ($Fault.Kind -eq 'network cut') { Stop-SuspendedNode $Pair $Pair.Primary }
    $Pair.Primary, $Pair.Standby = $Pair.Standby, $Pair.Primary
    $Pair.Port, $Pair.SparePort = $Pair.SparePort, $Pair.Port
    if (-not $isDemoted) { Copy-DrillStandby $Pair }
}

# The primary, which was stopped in order, as the standby of the other one.
function Start-DemotedNode([hashtable] $Pair) {
    Invoke-PostgresProgram $Pair touch "$($Pair.Primary)/standby.signal"
    $line = "primary_conninfo = 'host=127.0.0.1 port=$($Pair.SparePort) user=postgres'"
    Invoke-PostgresProgram $Pair sh -c 'echo "$2" >> "$1/postgresql.auto.conf"' sh $Pair.Primary $line
    Start-PostgresNode $Pair $Pair.Primary $Pair.Port
}

# A new standby in the place of a server that is gone.
function Copy-DrillStandby([hashtable] $Pair) {
    Invoke-PostgresProgram $Pair rm -rf $Pair.Standby
    $source = "host=127.0.0.1 port=$($Pair.Port) user=postgres"
    Invoke-PostgresProgram $Pair pg_basebackup -d $source -D $Pair.Standby -R -X stream -c fast --no-sync
    Start-PostgresNode $Pair $Pair.Standby $Pair.SparePort
}

# From one moment on nothing of it is heard, and no connection is closed: as a host that is off the network.
function Suspend-PostgresNode([hashtable] $Pair, [string] $Data) {
    $server = [int](Get-Content "$Data/postmaster.pid" -TotalCount 1)
    & kill -STOP $server
    foreach ($process in pgrep -P $server) { & kill -STOP $process }
}

# Its sessions never run again.
function Stop-SuspendedNode([hashtable] $Pair, [string] $Data) {
    $server = [int](Get-Content "$Data/postmaster.pid" -TotalCount 1)
    foreach ($process in pgrep -P $server) { & kill -KILL $process }
    & kill -QUIT $server
    & kill -CONT $server
    while (Test-Path "/proc/$server") { Start-Sleep -Milliseconds 100 }
}
