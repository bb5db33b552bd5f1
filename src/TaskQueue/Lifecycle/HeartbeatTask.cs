namespace TaskQueue;

/// <summary>Renews the lease of a running task and says how far it is; no new revision.</summary>
/// <param name="Id">The task's exact id.</param>
/// <param name="Token">The token of the worker's claim.</param>
/// <param name="LeaseTime">From now until the lease expires; null for as long as it was when it was last renewed.</param>
/// <param name="Progress">Per cent done, 0 to 100; null leaves it as it is.</param>
/// <param name="ProgressMessage">What is being done; null leaves it as it is.</param>
/// <param name="HasBegun">The attempt has begun, which is noted if it was not known yet.</param>
/// <param name="ClockWasSet">
/// The wall clock jumped, or the machine slept: the time since the last report of progress says nothing, and counts anew.
/// </param>
public sealed record HeartbeatTask(
    string Id,
    Guid Token,
    TimeSpan? LeaseTime,
    double? Progress = null,
    string? ProgressMessage = null,
    bool HasBegun = false,
    bool ClockWasSet = false)
    : WorkerChange(Id, Token)
{
    public override string Kind => "heartbeat";

    public override bool BumpsRevision => false;

    // A heartbeat must not read the task's data.
    public override bool NeedsPayload => false;

    protected override bool LetsGo => false;

    public override void Validate() => TaskRules.CheckProgress(Progress);

    protected override Transition Change(QueueTask before, DateTimeOffset now) => Transition.To(before with
    {
        BegunAt = before.BegunAt ?? (HasBegun ? now : null),
        HeartbeatAt = now,
        LeaseExpiresAt = now + (LeaseTime ?? before.LeaseExpiresAt - before.HeartbeatAt),
        Progress = Progress ?? before.Progress,
        ProgressMessage = ProgressMessage ?? before.ProgressMessage,
        ProgressAt = Progress is null && ProgressMessage is null && !ClockWasSet ? before.ProgressAt : now,
    });
}
