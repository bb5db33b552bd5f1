namespace TaskQueue;

/// <summary>
/// The original's retry, under the same id: failed → pending with a clean slate, as a restart.
/// What waits already (pending, retry) is due at once.
/// </summary>
public sealed record RetryTask(string Id, string? Revision = null) : OperatorChange(Id, Revision)
{
    public override string Kind => RestartTask.OperationKind;

    protected override bool Accepts(QueueTaskStatus status) => status is QueueTaskStatus.Failed || status.IsWaiting();

    protected override Transition Change(QueueTask before, DateTimeOffset now) => before.Status switch
    {
        QueueTaskStatus.Failed => Transition.To(before.ToRestarted(now, delay: TimeSpan.Zero), Kind),
        _ when before.DueAt > now => Transition.To(before.WaitUntil(now, now), Kind),
        _ => Transition.AlreadyApplied,
    };
}
