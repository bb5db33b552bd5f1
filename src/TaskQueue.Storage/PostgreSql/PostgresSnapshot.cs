namespace TaskQueue.Storage;

/// <summary>The tables of a queue as they were at one moment, however long they are read.</summary>
internal sealed class PostgresSnapshot : IPostgresAccess
{
    private readonly PostgresSession _session;

    /// <param name="session">A connection that nobody else uses; becomes the snapshot's.</param>
    public PostgresSnapshot(PostgresSession session)
    {
        _session = session;
        session.BeginTransaction("ISOLATION LEVEL REPEATABLE READ READ ONLY");
        // Between two pages the other side writes them, which may take any time.
        session.LetStayOpen();
    }

    public T Read<T>(Func<PostgresSession, T> work, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return work(_session);
    }

    public T Write<T>(Func<PostgresSession, T> work, CancellationToken cancellation) =>
        throw new InvalidOperationException("What was at one moment cannot be changed.");

    public void Dispose() => _session.Dispose();
}
