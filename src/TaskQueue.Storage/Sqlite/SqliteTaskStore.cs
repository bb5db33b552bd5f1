using TaskQueue.Storage.Own;

namespace TaskQueue.Storage.Sqlite;

/// <summary>A queue in our own SQLite layout.</summary>
internal sealed class SqliteTaskStore : OwnTaskStore
{
    // WAL files grow with the largest transaction; beyond this they are cut back at the next checkpoint.
    private const long JournalSizeLimit = 64 * 1024 * 1024;

    // What a batch of changes touches is scattered over the indexes: SQLite's own 2 MB would read much of it again for each.
    private const int CacheKibibytes = 32 * 1024;

    private readonly string _path;
    private readonly StoreOptions _options;
    private readonly SqliteSchema _schema;
    private readonly SqliteTaskTable _table;
    private readonly SqliteDatabase _database;

    /// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
    /// <param name="options">How to open it; <see cref="StoreOptions.Create"/> is not looked at here, see <see cref="CreateIfMissing"/>.</param>
    /// <param name="schema">The layout to expect and, on the first write, to bring the file to.</param>
    public SqliteTaskStore(string path, StoreOptions options, SqliteSchema schema)
    {
        _path = path;
        _options = options;
        _schema = schema;
        _table = new SqliteTaskTable(path, schema.KnowsRecoveries ? 2 : 1);
        HistoryTables = new OwnHistoryTables(_table, Dialect);
        _database = new SqliteDatabase(path, options, EnsureReadable, Prepare, Verify);
        Info = new QueueInfo
        {
            Queue = path,
            Kind = "SQLite",
            Layout = QueueLayout.TaskQueue,
            SchemaVersion = (int)_database.Read(session => session.Number("PRAGMA user_version"), options.Cancellation),
            UtcOffset = TimeSpan.Zero,
        };
    }

    public override QueueInfo Info { get; }

    public override DateTimeOffset Now => SqliteClock.Now(_options);

    protected override OwnTaskTable OwnTable => _table;

    protected override HistoryTables HistoryTables { get; }

    protected override SqlDialect Dialect => SqliteDialect.Instance;

    /// <summary>Makes an empty queue, readable by its owner only, where there is no file, an empty one, or a database without anything in it.</summary>
    public static void CreateIfMissing(string path, StoreOptions options, SqliteSchema schema)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        SqliteFile.CreateFolderOf(path);
        SqliteFile.CreateOwnerOnlyIfMissing(path);
        var busy = new SqliteBusy(path, options.Timeout, options.Cancellation);
        using var session = busy.Run(() => SqliteSession.Open(path, writable: true));
        if (!busy.Run(() => IsBlank(session)))
        {
            return;
        }

        // Commits a first page by itself, with nothing in it: whoever comes between, or after a death at this point, goes on here.
        busy.Run(() => session.ExecuteScript("PRAGMA auto_vacuum = INCREMENTAL"));
        busy.Transact(session, "BEGIN EXCLUSIVE", () =>
        {
            // Another process may have made it since it was looked at.
            if (IsBlank(session))
            {
                schema.Apply(session);
                session.ExecuteScript($"PRAGMA application_id = {SqliteSchema.ApplicationId}");
            }
        });
    }

    /// <summary>Brings a queue of an older layout to the current one, in one transaction and after a backup.</summary>
    public static void Upgrade(string path, StoreOptions options, SqliteSchema schema)
    {
        var busy = new SqliteBusy(path, options.Timeout, options.Cancellation);
        using var session = busy.Run(() => SqliteSession.Open(path, writable: true));
        if (!busy.Run(() => schema.NeedsUpgrade(session, path)))
        {
            return;
        }

        SqliteFile.EnsureWritable(path);
        busy.Transact(session, "BEGIN IMMEDIATE", () =>
        {
            // Once the lock is held: another process may have upgraded it, to this layout or to a newer one. The backup is made
            // under the lock too, so that it holds all that was ever written in the older layout.
            if (schema.NeedsUpgrade(session, path))
            {
                var backup = BackupNaming.Resolve(path, null, SqliteClock.Now(options).ToLocalTime());
                BackupOf(path, options).Make(backup with { IsAutomatic = true }, options.Cancellation);
                schema.Apply(session);
            }
        });
    }

    public override IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation)
    {
        // An idle worker costs a plain read: the write lock is taken only when there is something to claim.
        if (!ReadWith(session => _table.HasClaimable(session, request.Types), cancellation))
        {
            return [];
        }

        // Due tasks are made ready a batch at a time, of whatever type: as long as there may be more, empty is no answer.
        IReadOnlyList<QueueTask> claimed = [];
        var mayHaveMore = true;
        while (claimed.Count == 0 && mayHaveMore)
        {
            (claimed, mayHaveMore) = WriteWith(session => _table.Claim(session, request), cancellation);
        }

        return claimed;
    }

    // The log alone: a checkpoint, which writes the database, changes nothing in the queue.
    public override IDisposable Watch(Action changed) => _database.Watch(["-wal"], changed);

    public override BackupResult Backup(BackupRequest request, CancellationToken cancellation) =>
        BackupOf(_path, _options).Make(request, cancellation);

    public override void Dispose() => _database.Dispose();

    protected override long BytesOnDisk() => TaskStores.BytesOf(_path);

    protected override bool Reclaim(Action<double> progress, CancellationToken cancellation)
    {
        new SqliteSpace(_path, _database, _options).Reclaim(progress, cancellation);
        return true;
    }

    public override T ReadWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) => _database.Read(session => work(session.At(Now)), cancellation);

    public override T WriteWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) => _database.Write(session => work(session.At(Now)), cancellation);

    private static SqliteBackup BackupOf(string path, StoreOptions options) =>
        new(path, options.Timeout, holdsSnapshot: true, "task", SqliteSchema.ApplicationId);

    private static bool IsBlank(SqliteSession session) =>
        session.Number("SELECT COUNT(*) FROM sqlite_schema") == 0 && session.Number("PRAGMA application_id") == 0;

    private void EnsureReadable(SqliteSession session)
    {
        if (_schema.NeedsUpgrade(session, _path))
        {
            throw new QueueFormatException(
                $"'{_path}' has an older layout, which reading does not change.",
                new Advice.WriteToUpgrade());
        }
    }

    private void Prepare(SqliteSession session)
    {
        // First of all: the path may name another program's database by now, whose journal mode is not ours to change.
        Verify(session);
        session.ExecuteScript(
            $"""
            PRAGMA journal_mode = WAL;
            PRAGMA journal_size_limit = {JournalSizeLimit};
            PRAGMA synchronous = {(_options.Durability is Durability.Full ? "FULL" : "NORMAL")};
            PRAGMA fullfsync = ON;
            PRAGMA cache_size = -{CacheKibibytes};
            """);
    }

    // Inside each transaction too: another version of the product may have upgraded the file since it was opened.
    private void Verify(SqliteSession session)
    {
        if (_schema.NeedsUpgrade(session, _path))
        {
            throw new QueueUnavailableException($"'{_path}' was replaced by a queue of an older layout.", "Try again.");
        }
    }
}
