namespace TaskQueue;

/// <summary>Tells for running tasks whether their worker lives: reads the queue's workers once, and looks at each process once.</summary>
/// <param name="store">The queue.</param>
/// <param name="livenessOf">How to look at a process; <see cref="HostProcesses.LivenessOf"/> outside of tests.</param>
public sealed class WorkerDirectory(ITaskStore store, Func<WorkerIdentity, Liveness> livenessOf)
{
    private readonly Dictionary<Guid, Liveness> _known = [];
    private Dictionary<Guid, WorkerRecord>? _workers;

    public WorkerDirectory(ITaskStore store)
        : this(store, HostProcesses.LivenessOf)
    {
    }

    /// <summary>What the queue knows of the worker that holds <paramref name="task"/>; null for nothing.</summary>
    public WorkerRecord? Find(QueueTask task, CancellationToken cancellation) =>
        task.WorkerId is { } id ? Workers(cancellation).GetValueOrDefault(id) : null;

    /// <summary>The liveness of the worker that holds <paramref name="task"/>.</summary>
    public Liveness LivenessOf(QueueTask task, CancellationToken cancellation) =>
        task.WorkerId is { } id ? LivenessOf(id, cancellation) : Liveness.Unknown;

    /// <summary>The liveness of a worker by its id; unknown for one that the queue does not know.</summary>
    public Liveness LivenessOf(Guid worker, CancellationToken cancellation)
    {
        if (!_known.TryGetValue(worker, out var liveness))
        {
            liveness = Workers(cancellation).TryGetValue(worker, out var record) ? livenessOf(record.Identity) : Liveness.Unknown;
            _known.Add(worker, liveness);
        }

        return liveness;
    }

    /// <summary>
    /// True for a worker that can go on with what it runs: its process is there, or, where that cannot be seen from here, it gave a sign
    /// of life within its own lease time.
    /// </summary>
    public bool Lives(Guid worker, CancellationToken cancellation) => LivenessOf(worker, cancellation).State switch
    {
        LivenessState.Alive => true,
        LivenessState.Gone => false,
        _ => Workers(cancellation).TryGetValue(worker, out var record) && record.GaveSignOfLife(store.Now),
    };

    /// <summary>How long <paramref name="task"/> may run without progress, as its worker was told; null for no limit.</summary>
    public TimeSpan? ProgressTimeoutOf(QueueTask task, CancellationToken cancellation) =>
        Find(task, cancellation) is { } record && HandledTypes.TryFind(record.ProgressTimeouts, task.Type, out var timeout)
            ? timeout
            : null;

    /// <summary>The same, knowing nothing yet: workers come and die.</summary>
    public WorkerDirectory Anew() => new(store, livenessOf);

    /// <summary>The workers whose process is proven gone.</summary>
    public IEnumerable<WorkerRecord> Gone(CancellationToken cancellation) =>
        Workers(cancellation).Values.Where(record => LivenessOf(record.Identity.Id, cancellation).State is LivenessState.Gone);

    private Dictionary<Guid, WorkerRecord> Workers(CancellationToken cancellation) =>
        _workers ??= store.Workers.Read(cancellation).ToDictionary(record => record.Identity.Id);
}
