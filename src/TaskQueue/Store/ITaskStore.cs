namespace TaskQueue;

/// <summary>
/// A queue's tasks, wherever they are kept. Synchronous and cancellable. Safe to use from several threads. Every write is
/// committed when the call returns; a call that throws has written nothing.
/// </summary>
public interface ITaskStore : IWorkSource
{
    /// <summary>What kind of queue this is.</summary>
    QueueInfo Info { get; }

    /// <summary>The queue's workers, and what operators ask of them.</summary>
    new IWorkerRegistry Workers { get; }

    /// <summary>Of the registry a worker sees its own part.</summary>
    IWorkerRegistration IWorkSource.Workers => Workers;

    /// <summary>Every worker of a store maintains it.</summary>
    ITaskStore IWorkSource.Maintained => this;

    /// <summary>What was done to the queue's tasks, and the way back.</summary>
    IOperationHistory History { get; }

    /// <summary>
    /// Streams tasks in order of creation. Nothing is held open between two tasks: rows are read in pages by key, so a task
    /// that is changed meanwhile is seen as it was or as it is; one that is added meanwhile is not seen.
    /// </summary>
    IEnumerable<QueueTask> Read(TaskQuery query, CancellationToken cancellation);

    /// <summary>
    /// A page of what <see cref="Read"/> streams, for a caller that comes back for the next one: at most <see cref="TaskQuery.Limit"/>
    /// tasks, and fewer where they carry very much.
    /// </summary>
    /// <param name="query">Which tasks; the same for all pages.</param>
    /// <param name="after">The <see cref="CursorPage.Next"/> of the page before; null for the first.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="TaskValidationException">The cursor is not valid.</exception>
    CursorPage ReadPage(TaskQuery query, string? after, CancellationToken cancellation);

    /// <summary>How many tasks stand in each status, by stored text; statuses without tasks are left out.</summary>
    IReadOnlyDictionary<string, long> CountByStatus(CancellationToken cancellation);

    /// <summary>The same for each type; goes over the whole queue.</summary>
    IReadOnlyList<TypeCount> CountByType(CancellationToken cancellation);

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if the layout has no place for something the task needs.</summary>
    void EnsureCanHold(NewTask task);

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if the layout cannot carry out the change, whatever the task.</summary>
    void EnsureSupports(TaskChange change);

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if the layout has no place for the full state of a task.</summary>
    void EnsureTakesImports();

    /// <summary>Adds new tasks: one outcome each, in order, Applied or Duplicate.</summary>
    IReadOnlyList<TaskOutcome> Enqueue(IReadOnlyList<NewTask> tasks, CancellationToken cancellation);

    /// <summary>
    /// Carries out conditional writes in one transaction: one outcome each, in order. What the changes say is to be kept
    /// (<see cref="Transition.EventKind"/>) goes into the log under <paramref name="operation"/>.
    /// </summary>
    IReadOnlyList<TaskOutcome> Change(IReadOnlyList<TaskChange> changes, NewOperation operation, CancellationToken cancellation);

    /// <summary>A worker's changes are changes like any others.</summary>
    IReadOnlyList<TaskOutcome> IWorkSource.Change(
        IReadOnlyList<WorkerChange> changes, NewOperation operation, CancellationToken cancellation) =>
        Change(changes, operation, cancellation);

    /// <summary>Adds tasks with their full state: one outcome each, in order.</summary>
    IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, NewOperation operation, CancellationToken cancellation);

    /// <summary>
    /// Replaces all tasks by those of <paramref name="source"/>, usually a backup, in one transaction; returns how many there are
    /// now. A queue in the original layout takes only the rows of another, which it keeps to the letter.
    /// </summary>
    long ReplaceAll(ITaskStore source, ImportOptions options, NewOperation operation, CancellationToken cancellation);

    /// <summary>
    /// Writes a verified copy of the queue to a SQLite file. The copy appears under its name only when it passed its check.
    /// </summary>
    BackupResult Backup(BackupRequest request, CancellationToken cancellation);

    /// <summary>
    /// Deletes expired history, gives unused space back to the disk, and refreshes the database's statistics. It takes small steps, between
    /// which others can write. What was done when it is cancelled stays done.
    /// </summary>
    /// <param name="retention">What the history keeps.</param>
    /// <param name="progress">Called after each step with the part done, 0 to 1.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    OptimizeResult Optimize(HistoryRetention retention, Action<double> progress, CancellationToken cancellation);
}
