namespace TaskQueue.Storage.Sqlite;

/// <summary>A queue in our own SQLite layout.</summary>
internal sealed class SqliteTaskStore : SqlTaskStore
{
    // WAL files grow with the largest transaction; beyond this they are cut back at the next checkpoint.
    private const long JournalSizeLimit = 64 * 1024 * 1024;

    private readonly string _path;
    private readonly StoreOptions _options;
    private readonly SqliteSchema _schema;
    private readonly SqliteTaskTable _table;
    private readonly SqliteDatabase _database;

    /// <param name="path">A canonical path; see <see cref="SqliteFile.Canonical"/>.</param>
    /// <param name="options">How to open it; <see cref="StoreOptions.Create"/> is not looked at here, see <see cref="CreateIfMissing"/>.</param>
    /// <param name="schema">The layout to expect and, on the first write, to bring the file to.</param>
    public SqliteTaskStore(string path, StoreOptions options, SqliteSchema schema)
        : base(options.Time)
    {
        _path = path;
        _options = options;
        _schema = schema;
        _table = new SqliteTaskTable(path);
        _database = new SqliteDatabase(path, options, EnsureReadable, Prepare, Verify);
        Workers = new SqliteWorkers(_database, _table, () => Now);
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

    public override IWorkerRegistry Workers { get; }

    protected override TaskTable Table => _table;

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
                var backup = new BackupRequest(BackupNaming.Resolve(path, null, options.Time.GetLocalNow()), IsAutomatic: true);
                BackupOf(path, options).Make(backup, options.Cancellation);
                schema.Apply(session);
            }
        });
    }

    public override IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation)
    {
        // An idle worker costs a plain read: the write lock is taken only when there is something to claim.
        if (!ReadWith(session => SqliteTaskTable.HasClaimable(session, request.Types, Now), cancellation))
        {
            return [];
        }

        // Due tasks are made ready a batch at a time, of whatever type: as long as there may be more, empty is no answer.
        IReadOnlyList<QueueTask> claimed = [];
        var mayHaveMore = true;
        while (claimed.Count == 0 && mayHaveMore)
        {
            (claimed, mayHaveMore) = WriteWith(session => ClaimReady(session, request), cancellation);
        }

        return claimed;
    }

    public override IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, Operation operation, CancellationToken cancellation)
    {
        return WriteWith<IReadOnlyList<ImportOutcome>>(
            session =>
            {
                var now = Now;
                _ = new OperationLog(session, operation, _table, now).Begin();
                var outcomes = new List<ImportOutcome>(tasks.Count);
                foreach (var task in tasks)
                {
                    cancellation.ThrowIfCancellationRequested();
                    outcomes.Add(Import(session, ImportPreparation.Prepare(task, options, now), task.Revision, options, now));
                }

                return outcomes;
            },
            cancellation);
    }

    public override IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        ReadWith(session => _table.Claimed(session, tokens, Now), cancellation);

    public override DateTimeOffset? NextDue(CancellationToken cancellation) => ReadWith(SqliteTaskTable.NextDue, cancellation);

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

    public override T ReadWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) => _database.Read(work, cancellation);

    public override T WriteWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) => _database.Write(work, cancellation);

    private (IReadOnlyList<QueueTask> Claimed, bool MayHaveMore) ClaimReady(SqlSession session, ClaimRequest request)
    {
        var now = Now;
        var mayHaveMore = SqliteTaskTable.PromoteDue(session, now);
        var ready = request.Types
            .Distinct(StringComparer.Ordinal)
            .SelectMany(type => _table.ReadyOf(session, type, request.Tokens.Count, now))
            .OrderBy(row => row.Task.Priority)
            .ThenBy(row => row.Seq);
        var claimed = new List<QueueTask>();
        foreach (var (row, token) in ready.Zip(request.Tokens))
        {
            // What is ready was due once and stays so, also when the clock has been set back since.
            var due = row.Task.DueAt > now ? row.Task with { DueAt = now } : row.Task;
            if (new ClaimTask(row.Task.Id, token, request.Worker, request.LeaseTime, request.WorkerId).Apply(due, now).After is { } running)
            {
                claimed.Add(_table.Update(session, row.Seq, row.Task, running, bumpsRevision: true, now));
            }
        }

        return (claimed, mayHaveMore);
    }

    private static SqliteBackup BackupOf(string path, StoreOptions options) =>
        new(path, options.Timeout, holdsSnapshot: true, "task", SqliteSchema.ApplicationId);

    private static bool IsBlank(SqliteSession session) =>
        session.Number("SELECT COUNT(*) FROM sqlite_schema") == 0 && session.Number("PRAGMA application_id") == 0;

    private ImportOutcome Import(SqlSession session, QueueTask task, string source, ImportOptions options, DateTimeOffset now)
    {
        if (_table.Insert(session, task, now, source) is { } added)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Added, added);
        }

        var here = _table.Find(session, task.Id, now)!.Value;
        if (!options.UpdateUntouched)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Duplicate, here.Task);
        }

        var (importedFrom, isUntouched) = SqliteTaskTable.ImportMark(session, here.Seq);
        if (!isUntouched)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Touched, here.Task);
        }

        if (importedFrom == source)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Unchanged, here.Task);
        }

        _table.Delete(session, here.Seq, keepFor: null);
        var updated = _table.Insert(session, task, now, source)!;
        SqliteTaskTable.TakePlace(session, task.Id, here.Seq);
        return new ImportOutcome(task.Id, ImportOutcomeKind.Updated, updated);
    }

    private void EnsureReadable(SqliteSession session)
    {
        if (_schema.NeedsUpgrade(session, _path))
        {
            throw new QueueFormatException(
                $"'{_path}' has an older layout, which a reading command does not change.",
                "Run a command that writes, such as Backup-TaskQueue: it makes a backup and upgrades the queue.");
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
            """);
    }

    // Inside each transaction too: another version of the product may have upgraded the file since it was opened.
    private void Verify(SqliteSession session)
    {
        if (_schema.NeedsUpgrade(session, _path))
        {
            throw new QueueUnavailableException($"'{_path}' was replaced by a queue of an older layout.", "Repeat the command.");
        }
    }
}
