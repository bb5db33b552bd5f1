namespace TaskQueue.Tests;

/// <summary>
/// Tasks in a dictionary: what the engine asks of a store while it judges, measures and cleans up. Real stores have their own tests.
/// </summary>
internal sealed class MemoryTaskStore(params QueueTask[] tasks) : ITaskStore
{
    private readonly SortedDictionary<string, QueueTask> _tasks =
        new(tasks.ToDictionary(task => task.Id, StringComparer.Ordinal), StringComparer.Ordinal);

    public QueueInfo Info { get; init; } = new()
    {
        Queue = "./task_queue.db", Kind = "Memory", Layout = QueueLayout.TaskQueue, SchemaVersion = 1,
    };

    public DateTimeOffset Now => TestTask.Now;

    public IWorkerRegistry Workers { get; init; } = new MemoryWorkers();

    public IOperationHistory History { get; } = new EmptyHistory();

    /// <summary>How many calls could have written.</summary>
    public int Writes { get; private set; }

    /// <summary>Whether the tasks can be counted no more once something was changed, as on a server that fails just then.</summary>
    public bool CountsOnlyBeforeChanges { get; set; }

    public QueueTask this[string id]
    {
        get => _tasks[id];
        set => _tasks[id] = value;
    }

    public void Remove(string id) => _tasks.Remove(id);

    public IEnumerable<QueueTask> Read(TaskQuery query, CancellationToken cancellation) =>
        _tasks.Values
            .Where(task => (query.Statuses.Count == 0 || query.Statuses.Contains(task.Status)) && query.Matches?.Invoke(task) != false)
            .ToList();

    public CursorPage ReadPage(TaskQuery query, string? after, CancellationToken cancellation) => throw new NotSupportedException();

    public QueueTask? Find(string id, CancellationToken cancellation) => _tasks.GetValueOrDefault(id);

    public IReadOnlyDictionary<string, long> CountByStatus(CancellationToken cancellation) => CountsOnlyBeforeChanges && Writes > 0
        ? throw new QueueUnavailableException("the server is gone")
        : _tasks.Values.GroupBy(task => task.StatusText).ToDictionary(group => group.Key, group => group.LongCount());

    public IReadOnlyList<TypeCount> CountByType(CancellationToken cancellation) => throw new NotSupportedException();

    public IReadOnlyList<TaskOutcome> Change(IReadOnlyList<TaskChange> changes, NewOperation operation, CancellationToken cancellation)
    {
        Writes++;
        return [.. changes.Select(Change)];
    }

    public void EnsureCanHold(NewTask task)
    {
    }

    public void EnsureSupports(TaskChange change)
    {
    }

    public void EnsureTakesImports()
    {
    }

    public IReadOnlyList<TaskOutcome> Enqueue(IReadOnlyList<NewTask> tasks, CancellationToken cancellation) =>
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

    private TaskOutcome Change(TaskChange change)
    {
        if (!_tasks.TryGetValue(change.Id, out var before))
        {
            return new TaskOutcome(change.Id, TaskOutcomeKind.NotFound, null);
        }

        var transition = change.Apply(before, Now);
        _tasks[change.Id] = transition.After ?? before;
        return new TaskOutcome(change.Id, transition.Outcome, _tasks[change.Id]);
    }
}
