namespace TaskQueue.Storage;

/// <summary>A queue in our own SQLite layout.</summary>
internal sealed class SqliteTaskStore : NativeTaskStore
{
    // WAL files grow with the largest transaction; beyond this they are cut back at the next checkpoint.
    private const long JournalSizeLimit = 64 * 1024 * 1024;

    // The pages that a batch of changes touches are scattered over the indexes. SQLite's own 2 MB would read many of them again for each
    // batch.
    private const int CacheKibibytes = 32 * 1024;

    private readonly string _path;
    private readonly StoreOptions _options;
    private readonly SqliteSchema _schema;
    private readonly SqliteTaskTable _table;
    private readonly SqliteDatabase _database;

    /// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
    /// <param name="options">How it was opened.</param>
    /// <param name="schema">The layout that the file has.</param>
    /// <param name="opened">The connection on which that was seen; becomes the store's.</param>
    public SqliteTaskStore(string path, StoreOptions options, SqliteSchema schema, SqliteSession opened)
    {
        _path = path;
        _options = options;
        _schema = schema;
        _table = new SqliteTaskTable(path, schema.Versions.Newest);
        HistoryTables = new NativeHistoryTables(_table, Dialect);
        Info = new QueueInfo
        {
            Queue = path,
            Kind = "SQLite",
            Layout = QueueLayout.TaskQueue,
            SchemaVersion = schema.Versions.Newest,
            UtcOffset = TimeSpan.Zero,
        };
        _database = new SqliteDatabase(path, options, opened, EnsureReadable, Prepare, Verify);
    }

    public override QueueInfo Info { get; }

    public override DateTimeOffset Now => SqliteClock.Now(_options);

    protected override DateTimeOffset? KnownNow => Now;

    protected override NativeTaskTable NativeTable => _table;

    protected override HistoryTables HistoryTables { get; }

    protected override SqlDialect Dialect => SqliteDialect.Instance;

    public override IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation)
    {
        // An idle worker costs a plain read: the write lock is taken only when there is something to claim.
        if (!ReadWith(session => _table.HasClaimable(session, request.Types), cancellation))
        {
            return [];
        }

        // Due tasks of any type are made ready a batch at a time. An empty claim is no answer as long as there may be more.
        IReadOnlyList<QueueTask> claimed = [];
        var mayHaveMore = true;
        while (claimed.Count == 0 && mayHaveMore)
        {
            (claimed, mayHaveMore) = WriteWith(session => _table.Claim(session, request), cancellation);
        }

        return claimed;
    }

    // Only the log: a checkpoint, which writes the database, changes nothing in the queue.
    public override IDisposable Watch(Action changed) => _database.Watch(["-wal"], changed);

    public override BackupResult Backup(BackupRequest request, CancellationToken cancellation) =>
        BackupOf(_path, _options).Make(request, cancellation);

    public override void Dispose() => _database.Dispose();

    protected override long BytesOnDisk() => TaskStores.BytesOf(_path);

    protected override bool Reclaim(Action<double> progress, CancellationToken cancellation)
    {
        CountAnew(cancellation);
        new SqliteSpace(_path, _database, _options).Reclaim(progress, cancellation);
        return true;
    }

    public override T ReadWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) =>
        _database.Read(session => work(session.At(Now)), cancellation);

    public override T WriteWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) =>
        _database.Write(session => Counting(session.At(Now), work), cancellation);

    /// <summary>How the file of such a queue is backed up.</summary>
    public static SqliteBackup BackupOf(string path, StoreOptions options) =>
        new(path, options.Timeout, holdsSnapshot: true, "task", SqliteSchema.ApplicationId);

    private void EnsureReadable(SqliteSession session)
    {
        if (_schema.VersionOf(session, _path) < _schema.Versions.Newest)
        {
            throw LayoutVersions.Older(_path);
        }
    }

    private void Prepare(SqliteSession session) => session.ExecuteScript(
        $"""
        PRAGMA journal_mode = WAL;
        PRAGMA journal_size_limit = {JournalSizeLimit};
        PRAGMA synchronous = {(_options.Durability is Durability.Full ? "FULL" : "NORMAL")};
        PRAGMA fullfsync = ON;
        PRAGMA cache_size = -{CacheKibibytes};
        """);

    // Inside each transaction too: another version of the product may have upgraded the file since it was opened.
    private void Verify(SqliteSession session)
    {
        if (_schema.VersionOf(session, _path) < _schema.Versions.Newest)
        {
            throw new QueueUnavailableException($"'{_path}' was replaced by a queue of an older layout.", "Try again.");
        }
    }
}
