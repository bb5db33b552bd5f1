namespace TaskQueue;

/// <summary>
/// What was done to a queue, by whom and why, and the way back. Readings stream in pages by key: nothing is held open between two
/// objects. Reading never makes a log where there is none.
/// </summary>
public interface IOperationHistory
{
    /// <summary>Operations, the newest first.</summary>
    IEnumerable<QueueOperation> ReadOperations(OperationQuery query, CancellationToken cancellation);

    /// <summary>Events, the oldest first. They outlive their tasks.</summary>
    IEnumerable<TaskEvent> ReadEvents(EventQuery query, CancellationToken cancellation);

    /// <summary>What <see cref="Undo"/> would do now; changes nothing.</summary>
    /// <inheritdoc cref="Undo"/>
    UndoResult PlanUndo(Guid operationId, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation);

    /// <summary>
    /// Brings back, task by task, what <paramref name="operationId"/> changed, where nothing changed since: all that an operator decided
    /// (<see cref="TaskEvent.IsUndoable"/>), an undo too. In bounded batches, each a transaction of its own: what a cancelled call has
    /// done stays done, and a repeated one goes on with the rest. Once a batch is committed there is a report, also if a later one fails.
    /// </summary>
    /// <remarks>
    /// A task that a known worker held comes back as running only while that worker lives and has not learned of the stop, which is then
    /// withdrawn. Otherwise it comes back as pending. A task that no known worker held comes back as it was: nobody can say that it runs no
    /// more, and as pending it would run a second time.
    /// </remarks>
    /// <param name="operationId">The operation to undo.</param>
    /// <param name="undo">The operation that undoes it, for the log; its <see cref="NewOperation.Undoes"/> is set here.</param>
    /// <param name="workerLives">Whether a worker lives; see <see cref="WorkerDirectory.Lives"/>.</param>
    /// <param name="requeue">Bring what was running back as pending in any case.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    /// <exception cref="OperationNotFoundException">The log does not know the operation, or no longer.</exception>
    /// <exception cref="TaskStateException">It is of a kind that cannot be undone.</exception>
    UndoResult Undo(Guid operationId, NewOperation undo, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation);

    /// <summary>Deletes what is older than it is to be kept, in bounded batches; returns how much that was.</summary>
    HistoryExpiry Expire(HistoryRetention retention, CancellationToken cancellation);

    /// <summary>
    /// Takes over operations of another queue with events of theirs; what is here already stays as it is, so that a repeated call adds
    /// nothing. Returns how many events were added.
    /// </summary>
    long Import(IReadOnlyList<OperationWithEvents> operations, CancellationToken cancellation);
}
