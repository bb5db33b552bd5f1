namespace TaskQueue.Storage;

/// <summary>How a store gets at its tables.</summary>
internal interface IPostgresAccess : IDisposable
{
    /// <summary>Runs a short read. Nothing stays open on the server when it returns.</summary>
    T Read<T>(Func<PostgresSession, T> work, CancellationToken cancellation);

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns its result once that is committed. It may be run more than once.
    /// </summary>
    T Write<T>(Func<PostgresSession, T> work, CancellationToken cancellation);
}
