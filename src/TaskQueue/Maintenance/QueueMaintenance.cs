namespace TaskQueue;

/// <summary>
/// What a worker does for its queue beside running tasks: it rescues those of dead workers, brings back retries that were put off by a
/// wrong clock, and deletes what has expired. Each on a thread of its own; any live worker does it for all.
/// </summary>
/// <param name="worker">The worker.</param>
/// <param name="store">The queue.</param>
/// <param name="types">The worker's types.</param>
/// <param name="looked">Called after each look for dead workers' tasks.</param>
internal sealed class QueueMaintenance(ClaimHolder worker, ITaskStore store, IReadOnlyCollection<string> types, Action looked) : IDisposable
{
    private readonly Rescuer _rescuer = new(worker, store, types, looked);
    private readonly DueTimeKeeper _dueTimes = new(worker, store);

    /// <inheritdoc cref="Rescuer.LastLook"/>
    public RescueReport? LastLook => _rescuer.LastLook;

    public void Start()
    {
        _rescuer.Start();
        _dueTimes.Start();
    }

    public void Dispose()
    {
        _dueTimes.Dispose();
        _rescuer.Dispose();
    }
}
