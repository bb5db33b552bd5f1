using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>
/// A queue in the original's layout, served in place beside the running original: tables, journal mode and the times and words
/// in the rows stay as the original knows them.
/// </summary>
internal sealed class OriginalTaskStore : SqlTaskStore
{
    private readonly string _path;
    private readonly StoreOptions _options;
    private readonly OriginalTaskTable _table;
    private readonly OriginalOperationLog _log;
    private readonly SqliteDatabase _database;

    /// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
    /// <param name="options">How it was opened.</param>
    /// <param name="opened">The connection on which its layout was seen; becomes the store's.</param>
    public OriginalTaskStore(string path, StoreOptions options, SqliteSession opened)
    {
        _path = path;
        _options = options;
        _table = new OriginalTaskTable(path, options.UtcOffset);
        _log = new OriginalOperationLog(path);
        Tables = new QueueTables(_table, new OriginalHistoryTables(_log, _table), new OriginalClaimStops());
        _database = new SqliteDatabase(path, options, opened, EnsureOriginal, Prepare, EnsureOriginal);
        try
        {
            _ = _database.Read(KnowingUtcOffset(_ => true), options.Cancellation);
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    public override QueueInfo Info => new()
    {
        Queue = _path,
        Kind = "SQLite",
        Layout = QueueLayout.Original,
        SchemaVersion = 0,
        UtcOffset = _table.UtcOffset,
    };

    public override DateTimeOffset Now => SqliteClock.Now(_options);

    public override IWorkerRegistry Workers { get; } = new OriginalWorkers();

    protected override QueueTables Tables { get; }

    public override IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation) =>
        throw new LayoutNotSupportedException("claims and leases");

    public override void EnsureTakesImports() => throw NoImports();

    public override IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, NewOperation operation, CancellationToken cancellation) => throw NoImports();

    /// <summary>
    /// Copies the rows themselves, so that every column comes back to the letter, also where this product cannot read it.
    /// </summary>
    public override long ReplaceAll(ITaskStore source, ImportOptions options, NewOperation operation, CancellationToken cancellation)
    {
        if (source is not OriginalTaskStore { _path: var backup })
        {
            throw new LayoutNotSupportedException("tasks of another layout");
        }

        if (backup == _path)
        {
            throw new TaskValidationException("The backup is the queue itself.", "Give the path of a backup of it.");
        }

        SqliteFile.EnsureWritable(_path);
        try
        {
            // A connection of its own: what is attached within a transaction can be detached only after it.
            using var session = SqliteSession.Open(_path, writable: true);
            Prepare(session);
            Execute(session, "BEGIN IMMEDIATE", cancellation);
            EnsureOriginal(session);
            session.Execute("ATTACH $path AS backup", ("$path", backup));
            long count;
            using (cancellation.Register(session.Interrupt))
            {
                count = ReplaceRows(session.At(Now), options, operation);
            }

            cancellation.ThrowIfCancellationRequested();
            Execute(session, "COMMIT", CancellationToken.None);
            return count;
        }
        catch (SqliteException error)
        {
            throw SqliteErrors.Translate(error, _path, cancellation);
        }
    }

    public override IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation) => [];

    public override IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) => [];

    public override DateTimeOffset? NextDue(CancellationToken cancellation) => null;

    // In whichever journal mode the original has chosen.
    public override IDisposable Watch(Action changed) => _database.Watch(["", "-journal", "-wal"], changed);

    public override BackupResult Backup(BackupRequest request, CancellationToken cancellation) =>
        new SqliteBackup(_path, _options.Timeout, holdsSnapshot: false, "task_queue", plainId: 0).Make(request, cancellation);

    public override void Dispose() => _database.Dispose();

    protected override long BytesOnDisk() => TaskStores.BytesOf(_path);

    // The file would have to be written anew, which changes its layout and locks its service out. Statistics would be tables of ours in it.
    protected override bool Reclaim(Action<double> progress, CancellationToken cancellation) => false;

    public override T ReadWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) =>
        _database.Read(KnowingUtcOffset(work), cancellation);

    public override T WriteWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) =>
        _database.Write(KnowingUtcOffset(work), cancellation);

    private static LayoutNotSupportedException NoImports() => new("the full state of tasks from elsewhere");

    private Func<SqliteSession, T> KnowingUtcOffset<T>(Func<SqlSession, T> work) => session =>
    {
        _table.LearnUtcOffset(session);
        return work(session.At(Now));
    };

    private long ReplaceRows(SqliteSession session, ImportOptions options, NewOperation operation)
    {
        _ = new OperationLog(session, operation, Tables.History).Begin();
        _table.DeleteAll(session);
        var count = session.Execute(
            $"""
            INSERT INTO main.task_queue (id, {OriginalColumn.NamesWithoutKey})
            SELECT id, {OriginalColumn.NamesWithoutKey} FROM backup.task_queue ORDER BY id
            """);
        if (options.Running is not RunningTasks.Keep)
        {
            foreach (var row in _table.Running(session))
            {
                _table.Update(
                    session, row.Seq, row.Task, ImportPreparation.WithoutClaim(row.Task, options.Running, session.Now),
                    bumpsRevision: true);
            }
        }

        return count;
    }

    private void Execute(SqliteSession session, string sql, CancellationToken cancellation)
    {
        var code = new SqliteBusy(_path, _options.Timeout, cancellation).Execute(session, sql);
        if (code != raw.SQLITE_OK)
        {
            throw session.LastError(code);
        }
    }

    // The original reads and writes beside us. A full cache must not spill before the commit: spilling locks its readers out
    // for the rest of the transaction, and they give up after 5 s.
    private void Prepare(SqliteSession session)
    {
        session.ExecuteScript(
            $"""
            PRAGMA cache_spill = OFF;
            PRAGMA synchronous = {(_options.Durability is Durability.Full ? "FULL" : "NORMAL")};
            PRAGMA fullfsync = ON;
            """);
        _log.AttachIfThere(session);
    }

    private void EnsureOriginal(SqliteSession session)
    {
        if (!OriginalTaskTable.IsIn(session))
        {
            throw new QueueUnavailableException($"'{_path}' was replaced by a database of another layout.", "Try again.");
        }
    }
}
