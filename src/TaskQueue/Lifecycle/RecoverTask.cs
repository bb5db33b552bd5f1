namespace TaskQueue;

/// <summary>
/// running with an expired lease, or with a worker that is proven gone → retry, or failed once the recovery budget is used up.
/// The caller repeats the lease it has seen: a renewed one is a proof of life.
/// </summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The claim that stopped answering.</param>
/// <param name="LeaseExpiresAt">The lease as the caller saw it.</param>
/// <param name="Budget">How many recoveries a task may have.</param>
/// <param name="WorkerIsGone">The worker's process is proven gone: then the lease need not have expired.</param>
/// <param name="Evidence">Why the task is taken back, for the log.</param>
public sealed record RecoverTask(
    string Id, Guid Token, DateTimeOffset LeaseExpiresAt, int Budget, bool WorkerIsGone = false, string? Evidence = null) : TaskChange(Id)
{
    public override string Kind => "recovery";

    // A worker that is only out of reach may come back, and must then end what it still runs.
    public override bool TellsWorker => !WorkerIsGone;

    public override bool NeedsPayload => false;

    public override Transition Apply(QueueTask before, DateTimeOffset now)
    {
        if (before.Status is not QueueTaskStatus.Running)
        {
            return Transition.Refused(TaskOutcomeKind.WrongStatus);
        }

        if (before.ClaimToken != Token || before.LeaseExpiresAt != LeaseExpiresAt || (!WorkerIsGone && LeaseExpiresAt > now))
        {
            return Transition.Refused(TaskOutcomeKind.Superseded);
        }

        return Transition.To(
            before.Recoveries < Budget
                ? before.Enter(QueueTaskStatus.Retry, now).EndClaim() with { Recoveries = before.Recoveries + 1, DueAt = now }
                : before.ToForcedFailure($"Recovered {before.Recoveries} times from workers that stopped answering; the budget is {Budget}", now),
            Kind) with { EventDetails = Evidence };
    }
}
