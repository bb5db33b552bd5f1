namespace TaskQueue;

/// <summary>
/// running → retry, or failed once the recovery budget is used up. Its worker is proven gone, or the lease was watched to its end. An
/// attempt that is not held against the task goes back to pending at no charge. The caller repeats the lease it has seen: a renewed one is
/// a proof of life.
/// </summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The claim that stopped answering.</param>
/// <param name="LeaseExpiresAt">The lease as the caller saw it.</param>
/// <param name="Budget">How many recoveries of attempts that had begun a task may have within <see cref="RecoveryHistory.Window"/>.</param>
/// <param name="WorkerIsGone">The worker's process is proven gone.</param>
/// <param name="Evidence">Why the task is taken back, for the log.</param>
public sealed record RecoverTask(
    string Id, Guid Token, DateTimeOffset LeaseExpiresAt, int Budget, bool WorkerIsGone = false, string? Evidence = null) : TaskChange(Id)
{
    /// <summary>The lease was watched unrenewed for its whole length. Then it does not matter what the clocks say.</summary>
    public bool LeaseWasWatched { get; init; }

    /// <summary>The worker had announced its end. That it was killed meanwhile is not the fault of its tasks.</summary>
    public bool WorkerDrained { get; init; }

    public override string Kind => "recovery";

    // A worker that is only out of reach may come back, and must then end what it still runs.
    protected override bool WorkerMustBeTold => !WorkerIsGone;

    public override bool NeedsPayload => false;

    public override LayoutFeatures Requires => LayoutFeatures.Claims;

    protected override Transition Decide(QueueTask before, DateTimeOffset now)
    {
        if (before.Status is not QueueTaskStatus.Running)
        {
            return Transition.Refused(TaskOutcomeKind.WrongStatus);
        }

        var isOver = WorkerIsGone || LeaseWasWatched || !(LeaseExpiresAt > now);
        if (before.ClaimToken != Token || before.LeaseExpiresAt != LeaseExpiresAt || !isOver)
        {
            return Transition.Refused(TaskOutcomeKind.Superseded);
        }

        if (WorkerDrained && !before.RecoveryHistory.EndsItsWorkers(now))
        {
            return Recovered(
                before.ToPending(now) with { RecoveryHistory = before.RecoveryHistory.WithDrained(now) },
                "at no charge: the worker had said that it ends");
        }

        if (before.BegunAt is null && !before.RecoveryHistory.IsNeverBeginning(now))
        {
            return Recovered(
                before.ToPending(now) with { RecoveryHistory = before.RecoveryHistory.With(now, hadBegun: false) },
                "at no charge: it was not known to have begun");
        }

        var spent = before.RecoveryHistory.StartedWithin(now);
        return Recovered(
            spent < Budget
                ? before.CountRecovery(now).ToRetry(now).EndClaim()
                : before.ToForcedFailure(
                    $"Recovered {spent} times within {Duration.Format(RecoveryHistory.Window)} from workers that stopped answering; "
                        + $"the budget is {Budget}",
                    now));
    }

    private Transition Recovered(QueueTask after, string? remark = null) => Transition.To(after, Kind) with
    {
        EventDetails = remark is null ? Evidence : Evidence is null ? remark : $"{Evidence}; {remark}",
    };
}
