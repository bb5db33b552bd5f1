<# The faults of a run, in order and with their parameters: the same for the same arguments, on each machine and in each run. #>

function Get-SoakSchedule {
    param(
        [int] $Seed,
        [int] $Seconds,
        [string[]] $Worker,
        [string] $Store,
        [int] $LeaseSeconds
    )

    # Longer than the longest wait between two retries, or so short that the end of the run can wait for it. With a step in between,
    # a retry that was written by a clock that was ahead would rightly be due after the run.
    $clockSteps = -86400, -7200, -60, -15, 15, 60, 7200, 86400
    # The first faults come when the workers have begun. The run goes on until the last ones are over.
    $first = 10
    $end = $Seconds - 10
    $faults = [Collections.Generic.List[object]]::new()

    # Each target has random numbers of its own: another number of workers leaves the faults of the first ones as they were.
    foreach ($name in $Worker) {
        $random = [Random]::new($Seed * 1000 + $Worker.IndexOf($name))
        $kinds = [Collections.Generic.Queue[string]]::new()
        for ($at = $first + $random.Next(30); $at -lt $end; $at += $random.Next(25, 55)) {
            $fault = switch (Get-NextKind $kinds $random 'kill', 'terminate', 'pause', 'clock step') {
                'kill' { @{ Kind = $_ } }
                'terminate' { @{ Kind = $_; Seconds = $random.Next(0, 8) } }
                'pause' { @{ Kind = $_; Seconds = $random.Next(1, 3 * $LeaseSeconds + 1) } }
                'clock step' { @{ Kind = $_; Seconds = $random.Next(4, 25); Offset = $clockSteps[$random.Next($clockSteps.Count)] } }
            }
            $faults.Add((New-Fault $at $name $fault))
        }
    }

    $random = [Random]::new($Seed * 1000 + 999)
    $kinds = [Collections.Generic.Queue[string]]::new()
    $all = $Store -eq 'Sqlite' ? @('disk full') : @('disk full', 'server restart', 'failover', 'writes refused')
    for ($at = $first + $random.Next(20); $at -lt $end; $at += $random.Next(40, 70)) {
        $fault = @{ Kind = Get-NextKind $kinds $random $all; Seconds = $random.Next(1, 13) }
        if ($fault.Kind -in 'server restart', 'failover') { $fault.Mode = @('fast', 'immediate')[$random.Next(2)] }
        $faults.Add((New-Fault $at store $fault))
    }

    $faults | Sort-Object At, Target
}

# All kinds in a random order, then all in another: a short run leaves none out.
function Get-NextKind([Collections.Generic.Queue[string]] $Left, [Random] $Random, [string[]] $All) {
    if ($Left.Count -eq 0) {
        $Random.Shuffle[string]($All)
        $All | ForEach-Object { $Left.Enqueue($_) }
    }
    $Left.Dequeue()
}

function New-Fault([int] $At, [string] $Target, [hashtable] $With) {
    [pscustomobject]@{
        At = $At; Target = $Target; Kind = $With['Kind']
        Seconds = [int]$With['Seconds']; Offset = [int]$With['Offset']; Mode = [string]$With['Mode']
    }
}
