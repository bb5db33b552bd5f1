namespace TaskQueue.Tests;

/// <summary>The history of a queue in which nothing was ever done.</summary>
internal sealed class EmptyHistory : IOperationHistory
{
    public IEnumerable<QueueOperation> ReadOperations(OperationQuery query, CancellationToken cancellation) => [];

    public IEnumerable<TaskEvent> ReadEvents(EventQuery query, CancellationToken cancellation) => [];

    public UndoResult PlanUndo(Guid operationId, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public UndoResult Undo(
        Guid operationId, NewOperation undo, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public HistoryExpiry Expire(HistoryRetention retention, CancellationToken cancellation) => throw new NotSupportedException();

    public long Import(IReadOnlyList<OperationWithEvents> operations, CancellationToken cancellation) => throw new NotSupportedException();
}
