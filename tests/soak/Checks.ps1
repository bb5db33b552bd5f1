<# What must hold at the end of a run, and its figures. #>

# Figures: name and number in the order of the table. Broken: a sentence for each rule that does not hold.
function Get-SoakResult([hashtable] $Run) {
    $known = @(Get-Content -LiteralPath $Run.ProducerLog | ForEach-Object { , ($_ -split ' ') })
    $tasks = @{}
    Get-QueueTask -Queue $Run.Store.Location | ForEach-Object { $tasks[$_.Id] = $_ }
    $outcomes = @(Get-Outcome $Run.Store)
    $events = @(Get-QueueTaskHistory -Queue $Run.Store.Location)
    $attempts = @(Read-AttemptLog $Run)
    $ends = @($Run.Instances | ForEach-Object { Get-ProcessEnd $Run $_ })

    $succeeded = @($tasks.Values | Where-Object StatusText -EQ 'success')
    $lost = @($known | ForEach-Object { $_[1] } | Where-Object { -not $tasks.ContainsKey($_) })
    $open = @($tasks.Values | Where-Object StatusText -In 'pending', 'retry')
    $running = @($tasks.Values | Where-Object StatusText -EQ 'running')
    $failed = @($tasks.Values | Where-Object StatusText -NotIn 'success', 'pending', 'retry', 'running')
    $byTask = $attempts | Group-Object Task -AsHashTable
    $unlucky = @($failed | Where-Object { (Measure-CutOffAttempt $Run $byTask[$_.Id]) -gt 3 })
    $unjust = @($failed | Where-Object { $_ -notin $unlucky })
    $twice = @($outcomes | Group-Object Id | Where-Object Count -GT 1)
    $unrecorded = @($succeeded | Where-Object { $_.Id -notin $outcomes.Id })
    $ran = @($attempts | Where-Object What -EQ 'end')
    $ranIds = [Collections.Generic.HashSet[string]]@($ran | ForEach-Object { "$($_.Task) $($_.Attempt)" })
    $invented = @($succeeded | Where-Object { -not $ranIds.Contains("$($_.Id) $($_.Attempt)") -or $_.Result.attempt -ne $_.Attempt })
    $standstill = Measure-Standstill $Run $ran
    $bad = @($ends | Where-Object Verdict -NotIn 'as asked', 'could not start')
    $done = $Run.Done.ToArray()

    $figures = [ordered]@{}
    foreach ($group in $done | Where-Object IsDone | Group-Object Kind | Sort-Object Name) { $figures["faults: $($group.Name)"] = $group.Count }
    $figures['faults skipped'] = @($done | Where-Object Outcome -Like 'skipped*').Count
    $figures['tasks acknowledged'] = $known.Count
    $figures['  of these after a call that failed'] = @($known | Where-Object { $_[0] -eq 'found' }).Count
    $figures['succeeded'] = $succeeded.Count
    $figures['failed'] = $unjust.Count
    $figures['failed after four attempts cut off by faults'] = $unlucky.Count
    $figures['recorded twice'] = $twice.Count
    $figures['lost'] = $lost.Count
    $figures['still running'] = $running.Count
    $figures['still waiting'] = $open.Count
    $figures['ran to the end more than once'] = @($ran | Group-Object Task | Where-Object Count -GT 1).Count
    $figures['late results refused'] = @($events | Where-Object Event -EQ 'late result').Count
    $figures['recoveries'] = @($events | Where-Object Event -EQ 'recovery').Count
    $figures['releases'] = @($events | Where-Object Event -EQ 'release').Count
    $figures['workers started'] = $ends.Count
    $figures['workers that could not start, the store being away'] = @($ends | Where-Object Verdict -EQ 'could not start').Count
    $figures['workers aborted'] = @($ends | Where-Object Verdict -EQ 'aborted').Count
    $figures['workers ended unasked or with an error'] = @($bad | Where-Object Verdict -NE 'aborted').Count
    $figures['workers that hung'] = $Run.Hung.Count + $Run.Overdue.Count
    $figures['longest standstill'] = '{0:n1} s, from {1:hh\:mm\:ss}' -f $standstill.Seconds, [TimeSpan]::FromSeconds($standstill.From)

    $broken = @(
        if (-not $known) { 'No task was acknowledged.' }
        $lost | ForEach-Object { "Task $_ was acknowledged and is lost." }
        $running + $open | ForEach-Object { "Task $($_.Id) is still $($_.StatusText): attempt $($_.Attempt), due $($_.DueAt), worker $($_.Worker), lease until $($_.LeaseExpiresAt)." }
        $unjust | ForEach-Object {
            $attempted = @($byTask[$_.Id] | Where-Object What -EQ 'begin').Count
            "Task $($_.Id) is $($_.StatusText), recoveries $($_.Recoveries), $attempted attempts begun: $($_.ErrorMessage)"
        }
        $twice | ForEach-Object { "Task $($_.Name) was recorded $($_.Count) times: $(($_.Group | ForEach-Object { "$($_.Status) at attempt $($_.Attempt)" }) -join ', ')." }
        $unrecorded | ForEach-Object { "Task $($_.Id) is a success that the database never saw recorded." }
        $invented | ForEach-Object { "Task $($_.Id) is a success of attempt $($_.Attempt), which did not run to its end." }
        $bad | ForEach-Object { "Worker $($_.Name) $($_.Verdict) (exit code $($_.ExitCode)): $(($_.Errors -split '\n' | Select-Object -First 6) -join ' | ')" }
        $Run.Hung | ForEach-Object { "Worker $_ lives and took no task after the faults had ended." }
        $Run.Overdue | ForEach-Object { "Worker $_ did not end when told to." }
        $done | Where-Object Outcome -Like 'TROUBLE*' | ForEach-Object { "The soak itself could not do '$($_.Kind)': $($_.Outcome)" }
        if (-not $Run.IsProducerDone) { 'The producer did not end: its last task is not known exactly.' }
    )
    [pscustomobject]@{ Figures = $figures; Broken = $broken }
}

# How many attempts began and were cut off by a fault that rightly counts against a task: its worker was killed or paused, and had not been told to end.
function Measure-CutOffAttempt([hashtable] $Run, [object[]] $Attempt) {
    @($Attempt | Group-Object Attempt | Where-Object { 'end' -notin $_.Group.What } | Where-Object {
        $signals = ($Run.Instances | Where-Object Name -EQ $_.Group[0].Worker).Signals.ToArray()
        'TERM' -notin $signals -and ('KILL' -in $signals -or 'STOP' -in $signals)
    }).Count
}

# The longest time while faults were done in which no attempt ran to its end.
function Measure-Standstill([hashtable] $Run, [object[]] $End) {
    $longest = [pscustomobject]@{ Seconds = 0.0; From = 0.0 }
    $seconds = @($End | ForEach-Object { ($_.Time - $Run.StartedAt) / [Diagnostics.Stopwatch]::Frequency } | Where-Object { $_ -lt $Run.Seconds } | Sort-Object)
    $before = 0.0
    foreach ($second in $seconds + $Run.Seconds) {
        if ($second - $before -gt $longest.Seconds) { $longest = [pscustomobject]@{ Seconds = $second - $before; From = $before } }
        $before = $second
    }
    $longest
}
