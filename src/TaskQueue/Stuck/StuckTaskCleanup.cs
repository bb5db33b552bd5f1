namespace TaskQueue;

/// <summary>Finds stuck tasks and stops them: a plan, which changes nothing, and its application, which re-checks each task.</summary>
/// <param name="store">The queue.</param>
/// <param name="workers">Whether its workers live.</param>
/// <param name="time">The clock that measures how long leases are watched.</param>
public sealed class StuckTaskCleanup(ITaskStore store, WorkerDirectory workers, TimeProvider time)
{
    public StuckTaskCleanup(ITaskStore store)
        : this(store, new WorkerDirectory(store))
    {
    }

    public StuckTaskCleanup(ITaskStore store, WorkerDirectory workers)
        : this(store, workers, TimeProvider.System)
    {
    }

    /// <summary>What is to be said of a queue in the original layout, whose worker nobody can reach from outside.</summary>
    public const string WorkerNotTold = "The original's worker was not told: a task it still runs may overwrite this later.";

    /// <summary>
    /// Judges every running task, at one look. Reads only. Whoever carries it out lets <see cref="Confirm"/> look a second time before:
    /// after a suspension, or a step of the wall clock, the lease of every live worker has expired.
    /// </summary>
    public CleanupPlan Plan(StuckPolicy policy, CancellationToken cancellation) => Plan(policy, workers, cancellation);

    /// <summary>
    /// Watches the tasks of the plan that nothing but their expired lease convicts, for a renewal's time, and judges again: what was
    /// renewed meanwhile is no longer stuck. Reads only. A plan that rests on better evidence comes back as it is, at once.
    /// </summary>
    /// <param name="plan">What one look has found.</param>
    /// <param name="watching">Called each second on this thread; null if nobody wants to know.</param>
    /// <param name="cancellation">Ends the watching.</param>
    public CleanupPlan Confirm(CleanupPlan plan, Action<LeaseWatching>? watching, CancellationToken cancellation)
    {
        var suspects = plan.Stuck.Where(task => task.RestsOnLease).ToList();
        if (suspects.Count == 0)
        {
            return plan;
        }

        var watched = new SecondLook(time).Watch(suspects, watching, cancellation);
        var seen = suspects.Select(ClaimOf).ToHashSet();
        // Anew: a process may have died meanwhile.
        var second = Plan(plan.Policy, workers.Anew(), cancellation);
        return WithFound(second, second.Found.Select(task => task switch
        {
            { SkipReason: not null } or { RestsOnLease: false } => task,
            _ when seen.Contains(ClaimOf(task)) =>
                task with { Evidence = $"{task.Evidence}; not renewed while it was watched for {Duration.Format(watched)}" },
            _ => task with { SkipReason = "its lease expired only while others were watched" },
        }));
    }

    private static (string Id, Guid? Token, DateTimeOffset? Lease) ClaimOf(StuckTask task) =>
        (task.Id, task.ClaimToken, task.LeaseExpiresAt);

    private CleanupPlan Plan(StuckPolicy policy, WorkerDirectory directory, CancellationToken cancellation)
    {
        var now = store.Now;
        var running = new TaskQuery { Statuses = [QueueTaskStatus.Running], Matches = policy.Matches, IncludePayload = false };
        var found = new List<StuckTask>();
        foreach (var task in store.Read(running, cancellation))
        {
            var judged = StuckJudge.Judge(
                task, directory.LivenessOf(task, cancellation), now, policy.MaxAge, directory.ProgressTimeoutOf(task, cancellation));
            found.Add(WithReasonToSkip(judged, policy));
        }

        var plan = new CleanupPlan
        {
            Queue = store.Info.Queue,
            JudgedAt = now,
            Policy = policy,
            Found = [],
            Stuck = [],
            Skipped = [],
            Counts = store.CountByStatus(cancellation),
            Remarks = UsualTimes.RemarksOn(store, found, policy.MaxAge, cancellation).ToList(),
        };
        return WithFound(plan, found);
    }

    // Lists, not collection expressions: scripts index them, which the compiler's own type behind those does not allow.
    private static CleanupPlan WithFound(CleanupPlan plan, IEnumerable<StuckTask> judged)
    {
        var found = judged.ToList();
        return plan with
        {
            Found = found,
            Stuck = found.Where(task => task.SkipReason is null).ToList(),
            Skipped = found.Where(task => task.SkipReason is not null).ToList(),
        };
    }

    /// <summary>The report of a plan that is not carried out.</summary>
    public static CleanupResult ReportPlanOnly(CleanupPlan plan) => Report(plan) with { IsPlanOnly = true };

    /// <summary>
    /// Stops the <paramref name="accepted"/> tasks of the plan in one transaction, each re-checked against what convicted it.
    /// What changed meanwhile is skipped and listed. The backup, if any, is made first; if it fails nothing is changed. What fails after
    /// the change is a warning of the report. Throws <see cref="ArgumentException"/> for an accepted task that the plan does not hold as
    /// stuck.
    /// </summary>
    public CleanupResult Apply(
        CleanupPlan plan,
        IReadOnlyCollection<StuckTask> accepted,
        Func<BackupResult>? backup,
        NewOperation operation,
        CancellationToken cancellation)
    {
        // The floor is kept here too: what the plan left alone cannot be slipped in among the accepted.
        var stuckIds = plan.Stuck.Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        if (accepted.FirstOrDefault(task => !stuckIds.Contains(task.Id)) is { } stranger)
        {
            throw new ArgumentException($"The plan does not hold task '{stranger.Id}' as stuck.", nameof(accepted));
        }

        var acceptedIds = accepted.Select(task => task.Id).ToHashSet(StringComparer.Ordinal);
        var declined = plan.Stuck.Where(task => !acceptedIds.Contains(task.Id)).Select(task => task with { SkipReason = "declined" });
        var report = Report(plan) with { Skipped = plan.Skipped.Concat(declined).ToList(), After = plan.Counts };
        if (accepted.Count == 0)
        {
            return report;
        }

        var made = backup?.Invoke();
        var outcomes = store.Change([.. accepted.Select(task => new CleanUpStuckTask(task, plan.Policy.Requeue))], operation, cancellation);
        var results = accepted.Zip(outcomes).ToList();
        var cleaned = results.Where(result => result.Second.Kind is TaskOutcomeKind.Applied).Select(result => result.First).ToList();
        var changed = results
            .Where(result => result.Second.Kind is not TaskOutcomeKind.Applied)
            .Select(result => result.First with { SkipReason = "changed since it was judged: " + Describe(result.Second) });
        var afterwards = new AfterCommit();
        return report with
        {
            Cleaned = cleaned,
            Skipped = report.Skipped.Concat(changed).ToList(),
            Backup = made,
            After = afterwards.Try<IReadOnlyDictionary<string, long>?>(
                "The tasks by status could not be counted any more", null, () => store.CountByStatus(cancellation)),
            OperationId = cleaned.Count > 0 ? operation.Id : null,
            Remarks = cleaned.Count > 0 && store.Info.Layout is QueueLayout.Original
                ? plan.Remarks.Append(WorkerNotTold).ToList()
                : plan.Remarks,
            Warnings = afterwards.Warnings,
        };
    }

    private static CleanupResult Report(CleanupPlan plan) => new()
    {
        Queue = plan.Queue,
        JudgedAt = plan.JudgedAt,
        IsPlanOnly = false,
        MaxAge = plan.Policy.MaxAge,
        Requeue = plan.Policy.Requeue,
        Found = plan.Found,
        Stuck = plan.Stuck,
        Cleaned = [],
        Skipped = plan.Skipped,
        Before = plan.Counts,
        Remarks = plan.Remarks,
    };

    /// <summary>The task with the reason to leave it alone, if the policy has one.</summary>
    private static StuckTask WithReasonToSkip(StuckTask task, StuckPolicy policy) => task switch
    {
        { Age: null } => task with { SkipReason = "age unknown: no time of its row can be read" },
        { Age.Ticks: < 0 } => task with
        {
            SkipReason = "age unknown: it began in the future, so the clock was set or another one wrote it",
        },
        { IsOldEnough: false } => task with { SkipReason = $"younger than {Duration.Format(policy.MaxAge)}" },
        { Verdict: StuckVerdict.Stalled } when !policy.IncludeStalled => SkippedAsAlive(task),
        { Verdict: StuckVerdict.Slow } when !policy.IncludeLive => SkippedAsAlive(task),
        _ => task,
    };

    private static StuckTask SkippedAsAlive(StuckTask task) =>
        task with { SkipReason = "its worker lives", SkipAdvice = new Advice.IncludeVerdict(task.Verdict) };

    private static string Describe(TaskOutcome outcome) => outcome switch
    {
        { Kind: TaskOutcomeKind.NotFound } => "removed",
        { Kind: TaskOutcomeKind.WrongStatus, Task: { } task } => $"now {task.StatusText}",
        _ => "its claim or lease is another one now",
    };
}
