namespace TaskQueue;

/// <summary>running → pending at a graceful stop; costs no retry.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The token of the worker's claim.</param>
/// <param name="Delay">How long it waits until it may be claimed again.</param>
/// <param name="Remark">What is odd about it, for the log; null, as for most, leaves no event.</param>
/// <param name="HasBegun">False if it only waited for its handler: then this was no attempt.</param>
public sealed record ReleaseTask(string Id, Guid Token, TimeSpan Delay = default, string? Remark = null, bool HasBegun = true)
    : WorkerChange(Id, Token)
{
    public override string Kind => "release";

    public override bool NeedsPayload => false;

    protected override bool IsInPlace(QueueTask before) => before.Status is QueueTaskStatus.Pending;

    // The token stays until the next claim replaces it, so that a repeated release is recognised as this one.
    protected override Transition Change(QueueTask before, DateTimeOffset now) =>
        Transition.To(
            before.ToPending(now, Delay) with { ClaimToken = before.ClaimToken, Attempt = before.Attempt - (HasBegun ? 0 : 1) },
            Remark is null ? null : Kind) with
        {
            EventDetails = Remark,
        };
}
