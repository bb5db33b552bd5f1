<#
    The queue of the soak: a file, or a schema of a pair of servers, on a small disk of its own. Beside it a table in which the
    database itself writes down each end of a task.
#>

function Open-SoakStore([string] $Kind, [string] $Folder) {
    $store = [hashtable]::Synchronized(@{ Kind = $Kind; Folder = $Folder; IsMounted = $false; Location = "$Folder/soak.db"; Pair = $null })
    $null = New-Item -ItemType Directory $Folder
    if ((id -u) -eq 0) {
        mount -t tmpfs -o "size=$($Kind -eq 'Sqlite' ? 64 : 512)m" soak $Folder 2>$null
        $store.IsMounted = $LASTEXITCODE -eq 0
    }
    try {
        if ($Kind -eq 'PostgreSql') {
            $store.Pair = New-PostgresPair $Folder
            Start-PostgresPair $store.Pair
            $store.Location = "postgresql://postgres@127.0.0.1:$($store.Pair.Port)/jobs?schema=soak"
        }
        $store
    }
    catch {
        Close-SoakStore $store
        throw
    }
}

# The queue must be there. With this table an end that was recorded twice is seen whatever the queue's own tables say.
function Add-OutcomeTable([hashtable] $Store) {
    if ($Store.Kind -eq 'Sqlite') {
        sqlite3 $Store.Location "
            CREATE TABLE soak_outcome (id TEXT, status TEXT, attempt INTEGER);
            CREATE TRIGGER soak_outcome AFTER UPDATE OF status ON task
            WHEN NEW.status IN ('success', 'failed', 'cancelled') AND NEW.status <> OLD.status
            BEGIN INSERT INTO soak_outcome VALUES (NEW.id, NEW.status, NEW.attempt); END;"
        if ($LASTEXITCODE -ne 0) { throw 'sqlite3 could not add the table of outcomes.' }
        return
    }
    $null = Invoke-PostgresSql $Store.Pair 'CREATE TABLE soak.soak_outcome (id text, status text, attempt integer)', '
        CREATE FUNCTION soak.note_outcome() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO soak.soak_outcome VALUES (NEW.id, NEW.status, NEW.attempt); RETURN NULL; END $$', "
        CREATE TRIGGER soak_outcome AFTER UPDATE ON soak.task FOR EACH ROW
        WHEN (NEW.status IN ('success', 'failed', 'cancelled') AND NEW.status <> OLD.status) EXECUTE FUNCTION soak.note_outcome()"
    Add-PostgresStandby $Store.Pair
}

# Each end as the database wrote it down: Id, Status, Attempt.
function Get-Outcome([hashtable] $Store) {
    $sql = "SELECT id || ' ' || status || ' ' || attempt FROM"
    $rows = $Store.Pair ? (Invoke-PostgresSql $Store.Pair "$sql soak.soak_outcome") : (sqlite3 $Store.Location "$sql soak_outcome")
    foreach ($row in $rows) {
        $id, $status, $attempt = $row -split ' '
        [pscustomobject]@{ Id = $id; Status = $status; Attempt = [int]$attempt }
    }
}

# Types and statuses whose number the queue keeps otherwise than one counts them, at one moment: none. Throws while the store is away.
function Get-Miscount([hashtable] $Store) {
    $schema = $Store.Pair ? 'soak.' : ''
    $sql = "
        SELECT type || ' ' || status || ': ' || SUM(tasks) FROM (
            SELECT type, status, tasks FROM ${schema}task_count
            UNION ALL SELECT type, status, -COUNT(*) FROM ${schema}task GROUP BY type, status) AS compared
        GROUP BY type, status HAVING SUM(tasks) <> 0"
    if ($Store.Pair) { return Invoke-PostgresSql $Store.Pair $sql }
    sqlite3 -cmd '.timeout 10000' $Store.Location $sql
    if ($LASTEXITCODE -ne 0) { throw 'sqlite3 could not compare the numbers of tasks.' }
}

function Close-SoakStore([hashtable] $Store) {
    if ($Store.Pair) { Stop-PostgresPair $Store.Pair }
    if ($Store.IsMounted) { umount -l $Store.Folder }
}
