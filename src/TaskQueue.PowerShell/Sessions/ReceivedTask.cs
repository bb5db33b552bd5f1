namespace TaskQueue.PowerShell;

/// <summary>A task that a session holds.</summary>
/// <param name="Task">The task as it was claimed.</param>
/// <param name="LeaseTime">How long each renewal holds.</param>
internal sealed record ReceivedTask(QueueTask Task, TimeSpan LeaseTime)
{
    public Guid Token => Task.ClaimToken!.Value;

    /// <summary>When the lease is to be renewed next, as a timestamp of the monotonic clock.</summary>
    public long RenewAt { get; set; }
}
