<# What is done to the workers and to the store. Each target has a lane of its own, in which one fault is over before the next begins. #>

# A thread for each target. $Run is what all of them and soak.ps1 share.
function Start-FaultLane([hashtable] $Run, [object[]] $Fault) {
    foreach ($lane in $Fault | Group-Object Target) {
        $faults = $lane.Group
        Start-ThreadJob -ThrottleLimit 20 {
            $ErrorActionPreference = 'Stop'
            . $using:PSScriptRoot/Faults.ps1
            . $using:PSScriptRoot/PostgresPair.ps1
            Invoke-FaultLane $using:Run $using:faults
        }
    }
}

function Invoke-FaultLane([hashtable] $Run, [object[]] $Fault) {
    foreach ($item in $Fault) {
        while ($Run.Clock.Elapsed.TotalSeconds -lt $item.At) { Start-Sleep -Milliseconds 100 }
        $at = $Run.Clock.Elapsed.TotalSeconds
        $isDone = $false
        try {
            $outcome = $item.Target -eq 'store' ? (Invoke-StoreFault $Run.Store $item) : (Invoke-WorkerFault $Run $item)
            $isDone = $outcome -notlike 'skipped*'
        }
        catch { $outcome = "TROUBLE: $_" }
        $Run.Done.Enqueue([pscustomobject]@{ At = $at; Target = $item.Target; Kind = $item.Kind; IsDone = $isDone; Outcome = "$outcome" })
    }
}

function Invoke-WorkerFault([hashtable] $Run, [object] $Fault) {
    # The one before may have ended it: then soak.ps1 is about to start it again.
    for ($try = 0; $Run.Workers[$Fault.Target].Process.HasExited; $try++) {
        if ($try -eq 100) { return 'skipped: the worker was not running' }
        Start-Sleep -Milliseconds 100
    }
    $worker = $Run.Workers[$Fault.Target]
    switch ($Fault.Kind) {
        'kill' {
            Send-Signal $worker KILL
            $worker.Name
        }
        'terminate' {
            Send-Signal $worker TERM
            if ($worker.Process.WaitForExit($Fault.Seconds * 1000)) { "$($worker.Name) ended by itself" }
            else {
                Send-Signal $worker KILL
                "$($worker.Name) killed after $($Fault.Seconds) s"
            }
        }
        'pause' {
            Send-Signal $worker STOP
            try { Start-Sleep -Seconds $Fault.Seconds } finally { Send-Signal $worker CONT }
            "$($worker.Name) for $($Fault.Seconds) s"
        }
        'clock step' {
            if (-not $worker.ClockFile) { return 'skipped: there is no C compiler' }
            Write-ClockOffset $worker.ClockFile $Fault.Offset
            Start-Sleep -Seconds $Fault.Seconds
            Write-ClockOffset $worker.ClockFile 0
            "$($worker.Name) by $($Fault.Offset) s, back after $($Fault.Seconds) s"
        }
    }
}

# Written down before it is sent: soak.ps1 must not take the end that follows for one that nobody asked for.
function Send-Signal([object] $Worker, [string] $Signal) {
    $Worker.Signals.Enqueue($Signal)
    if (-not $Worker.Process.HasExited) { & kill "-$Signal" $Worker.Process.Id 2>$null }
}

# In one write of 8 bytes, and never truncated: the process has the file in its memory.
function Write-ClockOffset([string] $Path, [long] $Seconds) {
    $file = [IO.File]::Open($Path, 'OpenOrCreate', 'Write', 'ReadWrite')
    try { $file.Write([BitConverter]::GetBytes($Seconds)) } finally { $file.Dispose() }
}

function Invoke-StoreFault([hashtable] $Store, [object] $Fault) {
    switch ($Fault.Kind) {
        'disk full' {
            if (-not $Store.IsMounted) { return 'skipped: no small disk could be mounted' }
            $filler = "$($Store.Folder)/filler"
            try {
                # Its log would have room for a while: SQLite writes over what is in the file already.
                if (-not $Store.Pair) { $null = sqlite3 -cmd '.timeout 2000' $Store.Location 'PRAGMA wal_checkpoint(TRUNCATE)' }
                dd if=/dev/zero "of=$filler" bs=4k 2>$null
                Start-Sleep -Seconds $Fault.Seconds
            }
            finally { Remove-Item -LiteralPath $filler }
            if (-not $Store.Pair) { return "for $($Fault.Seconds) s" }
            $repaired = Repair-PostgresPair $Store.Pair
            "for $($Fault.Seconds) s$($repaired ? ", $repaired" : '')"
        }
        'server restart' {
            Restart-PostgresPrimary $Store.Pair $Fault.Mode $Fault.Seconds
            "$($Fault.Mode), down for $($Fault.Seconds) s"
        }
        'failover' {
            Switch-PostgresPrimary $Store.Pair $Fault.Mode $Fault.Seconds
            "primary stopped ($($Fault.Mode)), standby promoted after $($Fault.Seconds) s"
        }
        'writes refused' {
            Suspend-PostgresWrite $Store.Pair $Fault.Seconds
            "for $($Fault.Seconds) s"
        }
    }
}
