namespace TaskQueue.Tests;

/// <summary>A store that can only be read: the source of a copy or a restore.</summary>
internal sealed class TaskListing(IEnumerable<QueueTask> tasks) : ITaskStore
{
    public QueueInfo Info { get; } = new() { Queue = "listing", Kind = "Memory", Layout = QueueLayout.TaskQueue, SchemaVersion = 1 };

    public DateTimeOffset Now => TestTask.Now;

    public IWorkerRegistry Workers => throw new NotSupportedException();

    public IOperationHistory History { get; } = new EmptyHistory();

    public IEnumerable<QueueTask> Read(TaskQuery query, CancellationToken cancellation) => tasks;

    public CursorPage ReadPage(TaskQuery query, string? after, CancellationToken cancellation) => throw new NotSupportedException();

    public QueueTask? Find(string id, CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyDictionary<string, long> CountByStatus(CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<TypeCount> CountByType(CancellationToken cancellation) => throw new NotSupportedException();

    public void EnsureCanHold(NewTask task) => throw new NotSupportedException();

    public void EnsureSupports(TaskChange change) => throw new NotSupportedException();

    public void EnsureTakesImports() => throw new NotSupportedException();

    public IReadOnlyList<TaskOutcome> Enqueue(IReadOnlyList<NewTask> tasks, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public IReadOnlyList<TaskOutcome> Change(IReadOnlyList<TaskChange> changes, NewOperation operation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public DateTimeOffset? NextDue(CancellationToken cancellation) => throw new NotSupportedException();

    public IDisposable Watch(Action changed) => throw new NotSupportedException();

    public IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, NewOperation operation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public long ReplaceAll(ITaskStore source, ImportOptions options, NewOperation operation, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public BackupResult Backup(BackupRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public OptimizeResult Optimize(HistoryRetention retention, Action<double> progress, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public void Dispose()
    {
    }
}
