namespace TaskQueue;

/// <summary>failed, cancelled, success → pending under the same id, with a clean slate; the attempt goes on counting.</summary>
public sealed record RestartTask(string Id, string? Revision = null, TimeSpan Delay = default) : OperatorChange(Id, Revision)
{
    /// <summary>What the log calls a restart.</summary>
    public const string OperationKind = "restart";

    public override string Kind => OperationKind;

    public override LayoutFeatures Requires => Delay > TimeSpan.Zero ? LayoutFeatures.DueTimes : LayoutFeatures.None;

    protected override bool Accepts(QueueTaskStatus status) => status.IsFinished();

    protected override Transition Change(QueueTask before, DateTimeOffset now) => Transition.To(before.ToRestarted(now, Delay), Kind);
}
