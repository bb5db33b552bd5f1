namespace TaskQueue;

/// <summary>running → pending at a graceful stop; costs no retry.</summary>
public sealed record ReleaseTask(string Id, Guid Token) : WorkerChange(Id, Token)
{
    public override string Kind => "release";

    public override bool NeedsPayload => false;

    protected override bool IsInPlace(QueueTask before) => before.Status is QueueTaskStatus.Pending;

    // The token stays until the next claim replaces it, so that a repeated release is recognised as this one.
    protected override Transition Change(QueueTask before, DateTimeOffset now) =>
        Transition.To(before.ToPending(now) with { ClaimToken = before.ClaimToken });
}
