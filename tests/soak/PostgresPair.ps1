<#
    Two PostgreSQL servers on this machine: the primary on the port that the queue's location names, and a standby to which every
    commit is replicated before it is acknowledged. After a failover the standby has taken over that port, and a new standby is made.
#>

# In an empty folder; nothing runs yet.
function New-PostgresPair([string] $Folder) {
    $bin = @(
        Get-Command pg_config -ErrorAction Ignore | ForEach-Object { & $_ --bindir }
        Get-Item /usr/lib/postgresql/*/bin | Sort-Object { [int]$_.Parent.Name } -Descending | ForEach-Object FullName
    ) | Where-Object { Test-Path "$_/initdb" } | Select-Object -First 1
    if (-not $bin) {
        throw 'There is no PostgreSQL here: neither pg_config nor /usr/lib/postgresql leads to initdb. Install the package postgresql.'
    }
    [hashtable]::Synchronized(@{
        Bin = $bin; Folder = $Folder; Primary = "$Folder/a"; Standby = "$Folder/b"; Port = Get-FreePort; SparePort = Get-FreePort
        # The server refuses to run as root.
        AsUser = (id -u) -eq 0 ? @('runuser', '-u', 'postgres', '--') : @('env')
    })
}

# The primary, with an empty database 'jobs'.
function Start-PostgresPair([hashtable] $Pair) {
    if ($Pair.AsUser[0] -eq 'runuser') { chown postgres $Pair.Folder }
    Invoke-PostgresProgram $Pair initdb -D $Pair.Primary -A trust -U postgres -E UTF8 --no-sync
    # Servers are killed here, the machine is not: what the system was given to write is kept without fsync.
    Invoke-PostgresProgram $Pair sh -c 'cat >> "$1/postgresql.conf" <<END
listen_addresses = ''127.0.0.1''
unix_socket_directories = ''''
fsync = off
min_wal_size = 32MB
max_wal_size = 64MB
max_connections = 60
wal_retrieve_retry_interval = 500
END' sh $Pair.Primary
    Start-PostgresNode $Pair $Pair.Primary $Pair.Port
    $null = Invoke-PostgresSql $Pair 'CREATE DATABASE jobs' -Database postgres
}

function Get-FreePort {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $listener.LocalEndpoint.Port
    $listener.Stop()
}

# As the server's user; an error if the program fails.
function Invoke-PostgresProgram([hashtable] $Pair, [string] $Program) {
    $path = (Test-Path "$($Pair.Bin)/$Program") ? "$($Pair.Bin)/$Program" : $Program
    $user, $rest = $Pair.AsUser
    $output = & $user @rest $path @args 2>&1
    if ($LASTEXITCODE -ne 0) { throw "$Program $args ended with $LASTEXITCODE`: $output" }
}

# Each text is a statement and a transaction of its own. They may write also while the server is told to refuse writes.
function Invoke-PostgresSql([hashtable] $Pair, [string[]] $Sql, [int] $Port = $Pair.Port, [string] $Database = 'jobs') {
    $location = "host=127.0.0.1 port=$Port user=postgres dbname=$Database connect_timeout=10"
    $writable = "options='-c default_transaction_read_only=off'"
    $output = & "$($Pair.Bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 "$location $writable" @($Sql | ForEach-Object { '-c'; $_ }) 2>&1
    if ($LASTEXITCODE -ne 0) { throw "psql ended with $LASTEXITCODE`: $output" }
    $output
}

function Start-PostgresNode([hashtable] $Pair, [string] $Data, [int] $Port) {
    Invoke-PostgresProgram $Pair pg_ctl -D $Data -l "$Data.log" -o "-p $Port" -w -t 120 start
}

function Stop-PostgresNode([hashtable] $Pair, [string] $Data, [string] $Mode) {
    Invoke-PostgresProgram $Pair pg_ctl -D $Data -m $Mode -w -t 120 stop
}

# From here on a commit is acknowledged once both have it.
function Add-PostgresStandby([hashtable] $Pair) {
    Invoke-PostgresProgram $Pair rm -rf $Pair.Standby
    $source = "host=127.0.0.1 port=$($Pair.Port) user=postgres"
    Invoke-PostgresProgram $Pair pg_basebackup -d $source -D $Pair.Standby -R -X stream -c fast --no-sync
    Start-PostgresNode $Pair $Pair.Standby $Pair.SparePort
    $null = Invoke-PostgresSql $Pair "ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()'
    Wait-PostgresStandby $Pair
}

# A server that has restarted shows commits that were never acknowledged, and replicates them once the standby is back. Somebody may
# have read them.
function Wait-PostgresStandby([hashtable] $Pair) {
    $position = $problem = $null
    for ($try = 0; $try -lt 240; $try++) {
        try {
            $position ??= Invoke-PostgresSql $Pair 'SELECT pg_current_wal_insert_lsn()'
            $inStep = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '$position'"
            if ((Invoke-PostgresSql $Pair $inStep) -eq 1) { return }
        }
        # It may still be recovering.
        catch { $problem = " $_" }
        Start-Sleep -Milliseconds 500
    }
    throw "The standby did not get in step with the primary.$problem"
}

function Restart-PostgresPrimary([hashtable] $Pair, [string] $Mode, [int] $Seconds) {
    Stop-PostgresNode $Pair $Pair.Primary $Mode
    Start-Sleep -Seconds $Seconds
    Start-PostgresNode $Pair $Pair.Primary $Pair.Port
}

# The primary is gone. For some seconds its address leads to a server that can be read only, then to one that can be written.
function Switch-PostgresPrimary([hashtable] $Pair, [string] $Mode, [int] $Seconds) {
    Wait-PostgresStandby $Pair
    Stop-PostgresNode $Pair $Pair.Primary $Mode
    $alone = "ALTER SYSTEM SET primary_conninfo = ''", "ALTER SYSTEM SET synchronous_standby_names = ''"
    $null = Invoke-PostgresSql $Pair -Port $Pair.SparePort $alone
    Stop-PostgresNode $Pair $Pair.Standby fast
    Start-PostgresNode $Pair $Pair.Standby $Pair.Port
    Start-Sleep -Seconds $Seconds
    $null = Invoke-PostgresSql $Pair 'SELECT pg_promote(true, 60)'
    $Pair.Primary, $Pair.Standby = $Pair.Standby, $Pair.Primary
    Add-PostgresStandby $Pair
}

# As a primary that was demoted by whoever watches over the pair.
function Suspend-PostgresWrite([hashtable] $Pair, [int] $Seconds) {
    $null = Invoke-PostgresSql $Pair 'ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()'
    Start-Sleep -Seconds $Seconds
    $null = Invoke-PostgresSql $Pair 'ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()'
}

# Servers give up where the disk is full for too long. Starts those that did, and says which.
function Repair-PostgresPair([hashtable] $Pair) {
    $repaired = foreach ($node in @{ Name = 'primary'; Data = $Pair.Primary; Port = $Pair.Port },
        @{ Name = 'standby'; Data = $Pair.Standby; Port = $Pair.SparePort }) {
        try { Invoke-PostgresProgram $Pair pg_ctl -D $node.Data status }
        catch {
            Start-PostgresNode $Pair $node.Data $node.Port
            $node.Name
        }
    }
    Wait-PostgresStandby $Pair
    if ($repaired) { "$($repaired -join ' and ') had to be started again" }
}

function Stop-PostgresPair([hashtable] $Pair) {
    foreach ($data in $Pair.Standby, $Pair.Primary) {
        try { Stop-PostgresNode $Pair $data immediate } catch { Write-Verbose "$_" }
    }
}
