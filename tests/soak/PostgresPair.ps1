<#
    Two PostgreSQL servers on this machine: the primary on the port that the queue's location names, and a standby to which every commit is replicated
    before it is acknowledged. After a failover the standby has taken over that port, and a new standby is made.
#>

# Makes both, with an empty database 'jobs'.
function Start-PostgresPair([string] $Folder) {
    $bin = @(Get-Command pg_config -ErrorAction Ignore | ForEach-Object { & $_ --bindir }) +
        @(Get-ChildItem /usr/lib/postgresql/*/bin -Directory -ErrorAction Ignore | Sort-Object { [int]$_.Parent.Name } -Descending | ForEach-Object FullName) |
        Where-Object { Test-Path "$_/initdb" } | Select-Object -First 1
    if (-not $bin) { throw 'There is no PostgreSQL server on this machine: neither pg_config nor /usr/lib/postgresql lead to initdb. Install one, such as the package postgresql.' }
    $pair = [hashtable]::Synchronized(@{
        Bin = $bin; Folder = $Folder; Primary = "$Folder/a"; Standby = "$Folder/b"; Port = Get-FreePort; SparePort = Get-FreePort
        # The server refuses to run as root.
        AsUser = (id -u) -eq 0 ? @('runuser', '-u', 'postgres', '--') : @('env')
    })
    $null = New-Item -ItemType Directory $Folder
    if ($pair.AsUser[0] -eq 'runuser') { chown postgres $Folder }
    Invoke-PostgresProgram $pair initdb -D $pair.Primary -A trust -U postgres -E UTF8 --no-sync
    # Servers are killed here, the machine is not: what the system was given to write is kept without fsync.
    Invoke-PostgresProgram $pair sh -c 'cat >> "$1/postgresql.conf" <<END
listen_addresses = ''127.0.0.1''
unix_socket_directories = ''''
fsync = off
max_connections = 60
wal_retrieve_retry_interval = 500
END' sh $pair.Primary
    Start-PostgresNode $pair $pair.Primary $pair.Port
    $null = Invoke-PostgresSql $pair 'CREATE DATABASE jobs' -Database postgres
    $pair
}

function Get-FreePort {
    $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $listener.Start()
    $listener.LocalEndpoint.Port
    $listener.Stop()
}

# As the server's user; an error if the program fails.
function Invoke-PostgresProgram([hashtable] $Pair, [string] $Program) {
    $path = Test-Path "$($Pair.Bin)/$Program" ? "$($Pair.Bin)/$Program" : $Program
    $user, $rest = $Pair.AsUser
    $output = & $user @rest $path @args 2>&1
    if ($LASTEXITCODE -ne 0) { throw "$Program $args ended with $LASTEXITCODE`: $output" }
}

# Each text is a statement and a transaction of its own. They may write also while the server is told to refuse writes.
function Invoke-PostgresSql([hashtable] $Pair, [string[]] $Sql, [int] $Port = $Pair.Port, [string] $Database = 'jobs') {
    $location = "host=127.0.0.1 port=$Port user=postgres dbname=$Database connect_timeout=10 options='-c default_transaction_read_only=off'"
    $output = & "$($Pair.Bin)/psql" -X -q -A -t -v ON_ERROR_STOP=1 $location @($Sql | ForEach-Object { '-c'; $_ }) 2>&1
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
    Invoke-PostgresProgram $Pair pg_basebackup -d "host=127.0.0.1 port=$($Pair.Port) user=postgres" -D $Pair.Standby -R -X stream -c fast --no-sync
    Start-PostgresNode $Pair $Pair.Standby $Pair.SparePort
    $null = Invoke-PostgresSql $Pair "ALTER SYSTEM SET synchronous_standby_names = '*'", 'SELECT pg_reload_conf()'
    Wait-PostgresStandby $Pair
}

# A server that has restarted shows commits that were never acknowledged, and replicates them once the standby is back. Somebody may have read them.
function Wait-PostgresStandby([hashtable] $Pair) {
    $position = Invoke-PostgresSql $Pair 'SELECT pg_current_wal_insert_lsn()'
    for ($try = 0; $try -lt 240; $try++) {
        $count = Invoke-PostgresSql $Pair "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync' AND flush_lsn >= '$position'"
        if ($count -eq 1) { return }
        Start-Sleep -Milliseconds 500
    }
    throw 'The standby did not get in step with the primary.'
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
    $null = Invoke-PostgresSql $Pair -Port $Pair.SparePort "ALTER SYSTEM SET primary_conninfo = ''", "ALTER SYSTEM SET synchronous_standby_names = ''"
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

function Stop-PostgresPair([hashtable] $Pair) {
    foreach ($data in $Pair.Standby, $Pair.Primary) {
        try { Stop-PostgresNode $Pair $data immediate } catch { Write-Verbose "$_" }
    }
}
