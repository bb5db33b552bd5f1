namespace TaskQueue.Storage;

/// <summary>
/// The operations log, and the trash beside it: where a layout keeps them, and how a row goes into the trash and comes back.
/// </summary>
internal abstract class HistoryTables
{
    /// <summary>Makes the log ready to be written in the present transaction.</summary>
    public abstract LogSchema OpenLog(SqlSession session);

    /// <summary>The log as it can be read on this connection; null where there is none. Never makes one.</summary>
    public abstract LogSchema? LogForReading(SqlSession session);

    /// <summary>Copies a row into the trash of an operation, before it is deleted.</summary>
    public abstract void Keep(SqlSession session, long seq, OperationLog operation);

    /// <summary>The removed task as it lies in the trash of an operation; null if it is not there.</summary>
    public abstract QueueTask? FindRemoved(SqlSession session, long operation, string id, bool includePayload);

    /// <summary>Puts the removed row back as it was, in its place in the order where that is free, and takes it out of the trash.</summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="operation">The operation that has removed it.</param>
    /// <param name="removed">The task; see <see cref="FindRemoved"/>.</param>
    public abstract void PutBack(SqlSession session, long operation, QueueTask removed);
}
