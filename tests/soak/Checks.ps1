<# What must hold at the end of a run, and its figures. #>

# Figures: name and number in the order of the table. Broken: a sentence for each rule that does not hold.
function Get-SoakResult([hashtable] $Run, [int] $PlannedFaults) {
    # What the producer knows, what the queue says, what the database counted, and what the workers did: each from another source.
    $known = @(Get-Content -LiteralPath $Run.ProducerLog | ForEach-Object { , ($_ -split ' ') })
    $tasks = @{}
    Get-QueueTask -Queue $Run.Store.Location | ForEach-Object { $tasks[$_.Id] = $_ }
    $events = @(Get-QueueTaskHistory -Queue $Run.Store.Location)
    $outcomes = @(Get-Outcome $Run.Store | Group-Object Id)
    $attempts = @(Read-AttemptLog $Run)
    $refusals = @(Get-Content -LiteralPath "$($Run.Logs)/producer.err" | Where-Object { $_ -match '^task-\d+, try ' })
    $ends = @($Run.Instances | ForEach-Object { Get-ProcessEnd $Run $_ })
    $faults = $Run.Done.ToArray()

    $succeeded = @($tasks.Values | Where-Object StatusText -EQ 'success')
    $running = @($tasks.Values | Where-Object StatusText -EQ 'running')
    $waiting = @($tasks.Values | Where-Object StatusText -In 'pending', 'retry')
    $byTask = ($attempts | Group-Object Task -AsHashTable) ?? @{}
    $signals = @{}
    $Run.Instances | ForEach-Object { $signals[$_.Name] = $_.Signals.ToArray() }
    $ended = @($tasks.Values | Where-Object StatusText -In 'failed', 'cancelled')
    $unlucky, $failed = $ended.Where({ (Measure-CutOff $_ $byTask[$_.Id] $signals) -gt 3 }, 'Split')
    $charges = $tasks.Values | ForEach-Object { [Math]::Max(0, $_.Recoveries - (Measure-CutOff $_ $byTask[$_.Id] $signals)) }
    $lost = @($known | ForEach-Object { $_[1] } | Where-Object { -not $tasks.ContainsKey($_) })
    $twice = @($outcomes | Where-Object Count -GT 1)
    $recorded = [Collections.Generic.HashSet[string]][string[]]@($outcomes | ForEach-Object Name)
    $unrecorded = @($succeeded | Where-Object { -not $recorded.Contains($_.Id) })
    $ran = @($attempts | Where-Object What -EQ 'end')
    $ranToEnd = [Collections.Generic.HashSet[string]][string[]]@($ran | ForEach-Object { "$($_.Task) $($_.Attempt)" })
    $invented = @($succeeded | Where-Object { $_.Result?.attempt -ne $_.Attempt -or -not $ranToEnd.Contains("$($_.Id) $($_.Attempt)") })
    $bad = @($ends | Where-Object Verdict -NotIn 'as asked', 'could not start')
    $standstill = Measure-Standstill $Run $ran

    $figures = [ordered]@{}
    foreach ($kind in $faults | Where-Object IsDone | Group-Object Kind | Sort-Object Name) {
        $figures["faults: $($kind.Name)"] = $kind.Count
    }
    $figures['faults skipped'] = @($faults | Where-Object Outcome -Like 'skipped*').Count
    $figures['tasks acknowledged'] = $known.Count
    $figures['  of these after a call that failed'] = @($known | Where-Object { $_[0] -eq 'found' }).Count
    $figures['calls of the producer that failed'] = $refusals.Count
    $figures['succeeded'] = $succeeded.Count
    $figures['failed'] = $failed.Count
    $figures['failed, four attempts having been cut off by faults'] = $unlucky.Count
    $figures['recorded twice'] = $twice.Count
    $figures['lost'] = $lost.Count
    $figures['still running'] = $running.Count
    $figures['still waiting'] = $waiting.Count
    $figures['ran to the end more than once'] = @($ran | Group-Object Task | Where-Object Count -GT 1).Count
    $figures['late results refused'] = @($events | Where-Object Event -EQ 'late result').Count
    $figures['releases'] = @($events | Where-Object Event -EQ 'release').Count
    $figures['recoveries'] = @($events | Where-Object Event -EQ 'recovery').Count
    $figures['  of these charged without an attempt cut off by a fault'] = ($charges | Measure-Object -Sum).Sum
    $figures['  most of one task'] = ($tasks.Values | Measure-Object Recoveries -Maximum).Maximum
    $figures['workers started'] = $ends.Count
    $figures['workers that could not start, the store being away'] = @($ends | Where-Object Verdict -EQ 'could not start').Count
    $figures['workers aborted'] = @($ends | Where-Object Verdict -EQ 'aborted').Count
    $figures['workers ended unasked or with an error'] = @($bad | Where-Object Verdict -NE 'aborted').Count
    $figures['comparisons of the numbers of tasks'] = $Run.Compared
    $figures['workers that hung'] = $Run.Hung.Count + $Run.Overdue.Count
    $figures['longest standstill'] = '{0:n1} s, from {1:hh\:mm\:ss}' -f $standstill.Seconds, [TimeSpan]::FromSeconds($standstill.From)

    $broken = @(
        if (-not $known) { 'No task was acknowledged.' }
        $lost | ForEach-Object { "Task $_ was acknowledged and is lost." }
        $running + $waiting | ForEach-Object {
            "Task $($_.Id) is still $($_.StatusText): " +
                "attempt $($_.Attempt), due $($_.DueAt), worker $($_.Worker), lease until $($_.LeaseExpiresAt)."
        }
        $failed | ForEach-Object {
            $begun = @($byTask[$_.Id] | Where-Object What -EQ 'begin').Count
            "Task $($_.Id) is $($_.StatusText) after $($_.Recoveries) recoveries and $begun attempts that began: $($_.ErrorMessage)"
        }
        $twice | ForEach-Object {
            $times = ($_.Group | ForEach-Object { "$($_.Status) at attempt $($_.Attempt)" }) -join ', '
            "Task $($_.Name) was recorded $($_.Count) times: $times."
        }
        $unrecorded | ForEach-Object { "Task $($_.Id) is a success that the database never saw recorded." }
        $invented | ForEach-Object { "Task $($_.Id) is a success of attempt $($_.Attempt), which did not run to its end." }
        $bad | ForEach-Object {
            $errors = $_.Errors -split '\s*\n\s*' | Select-Object -First 6 | Join-String -Separator ' | '
            "Worker $($_.Name) $($_.Verdict), exit code $($_.ExitCode): $errors"
        }
        $Run.Hung | ForEach-Object { "Worker $_ lives and took no task after the faults had ended." }
        $Run.Miscounts | ForEach-Object { "The number of tasks that the queue keeps is not the one that is counted, by: $_" }
        if (-not $Run.Compared) { 'The numbers of tasks were never compared.' }
        $Run.Overdue | ForEach-Object { "Worker $_ did not end when told to." }
        $faults | Where-Object Outcome -Like 'TROUBLE*' | ForEach-Object { "The soak itself could not do '$($_.Kind)': $($_.Outcome)" }
        if ($faults.Count -lt $PlannedFaults) { "Of $PlannedFaults faults only $($faults.Count) were done: a lane gave up." }
        $refusals -notmatch ': QueueUnavailable,' | ForEach-Object { "A call failed for another reason than the store being away: $_" }
        if (-not $Run.IsProducerDone) { 'The producer did not end as it should: its last task is not known exactly.' }
    )
    [pscustomobject]@{ Figures = $figures; Broken = $broken }
}

# How many of a task's attempts began and were cut off by a fault that rightly counts against it: the worker was paused, or was killed
# without having been told to end.
function Measure-CutOff([object] $Task, [object[]] $Attempt, [hashtable] $Signals) {
    @($Attempt | Where-Object What -EQ 'begin' | Where-Object {
        $sent = $Signals[$_.Worker]
        $isRecorded = $Task.StatusText -eq 'success' -and $_.Attempt -eq $Task.Attempt
        -not $isRecorded -and ('STOP' -in $sent -or ('KILL' -in $sent -and 'TERM' -notin $sent))
    }).Count
}

# The longest time in which no attempt ran to its end, from the first that did until the faults were over.
function Measure-Standstill([hashtable] $Run, [object[]] $End) {
    $longest = [pscustomobject]@{ Seconds = 0.0; From = 0.0 }
    $ends = $End | ForEach-Object { ($_.Time - $Run.StartedAt) / [Diagnostics.Stopwatch]::Frequency } | Where-Object { $_ -lt $Run.Seconds }
    $before = $null
    foreach ($second in @($ends | Sort-Object) + $Run.Seconds) {
        $before ??= $second
        if ($second - $before -gt $longest.Seconds) { $longest = [pscustomobject]@{ Seconds = $second - $before; From = $before } }
        $before = $second
    }
    $longest
}
