namespace TaskQueue.Storage.Sqlite;

/// <summary>How a store gets at its file: readers of its own, and the writer it shares with the rest of the process.</summary>
/// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
/// <param name="options">How to open it.</param>
/// <param name="verifyReading">Run on each new connection that reads.</param>
/// <param name="prepareWriting">Run once on each new connection that writes, outside a transaction.</param>
/// <param name="verifyWriting">Run first in each transaction.</param>
internal sealed class SqliteDatabase(
    string path,
    StoreOptions options,
    Action<SqliteSession> verifyReading,
    Action<SqliteSession> prepareWriting,
    Action<SqliteSession> verifyWriting) : IDisposable
{
    private readonly SqliteReaders _readers = new(path, verifyReading, options.Timeout);
    private readonly Lazy<SqliteWriter> _writer =
        new(() => SqliteWriter.Rent(new SqliteWriterProfile(path, options.Durability, prepareWriting, verifyWriting)));

    private int _isDisposed;

    /// <inheritdoc cref="SqliteReaders.Read"/>
    public T Read<T>(Func<SqliteSession, T> work, CancellationToken cancellation) => _readers.Read(work, cancellation);

    /// <inheritdoc cref="SqliteWriter.Write"/>
    public T Write<T>(Func<SqliteSession, T> work, CancellationToken cancellation) =>
        _writer.Value.Write(work, options.Timeout, cancellation);

    /// <inheritdoc cref="IWorkSource.Watch"/>
    /// <param name="suffixes">Which of SQLite's files are written by a commit, as what their names add to the path.</param>
    /// <param name="changed">Called after a change.</param>
    public IDisposable Watch(IReadOnlyList<string> suffixes, Action changed) =>
        new SqliteWatch([.. suffixes.Select(suffix => path + suffix)], () => _readers.Open(CancellationToken.None), changed);

    public void Dispose()
    {
        // Once only: the writer counts its users, and a second return would close it under another one.
        if (Interlocked.Exchange(ref _isDisposed, 1) == 1)
        {
            return;
        }

        _readers.Dispose();
        if (_writer.IsValueCreated)
        {
            _writer.Value.Return();
        }
    }
}
