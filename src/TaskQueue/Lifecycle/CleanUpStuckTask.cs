namespace TaskQueue;

/// <summary>
/// running → failed, or pending when it is to be requeued. It repeats the facts that convicted the task: the claim, and for every verdict
/// but Slow the lease, since a renewed lease is a proof of life. For the task of a live worker, the last progress must be the same too.
/// </summary>
public sealed record CleanUpStuckTask(StuckTask Judged, bool Requeue) : OperatorChange(Judged.Id, Judged.Revision)
{
    /// <summary>What the log calls a cleanup.</summary>
    public const string OperationKind = "cleanup";

    public const string Message = "Force terminated - stuck in running status";

    public override string Kind => OperationKind;

    // One transaction may change many thousand tasks. Their data would all be in memory at once.
    public override bool NeedsPayload => false;

    protected override bool Accepts(QueueTaskStatus status) => status is QueueTaskStatus.Running;

    protected override bool StillHolds(QueueTask before) =>
        before.ClaimToken == Judged.ClaimToken
        && Judged switch
        {
            { Verdict: StuckVerdict.Slow } => true,
            { MadeNoProgress: true } => before.ProgressAt == Judged.ProgressAt,
            _ => before.LeaseExpiresAt == Judged.LeaseExpiresAt,
        };

    protected override Transition Change(QueueTask before, DateTimeOffset now) => Transition.To(
        Requeue
            ? (before is { ClaimToken: not null, BegunAt: null } ? before : before.CountRecovery(now)).ToPending(now)
            : before.ToForcedFailure(Message, now),
        Kind);
}
