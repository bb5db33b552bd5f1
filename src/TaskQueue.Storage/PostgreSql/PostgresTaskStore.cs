namespace TaskQueue.Storage;

/// <summary>A queue in a schema of a PostgreSQL database, for any number of machines.</summary>
internal sealed class PostgresTaskStore : NativeTaskStore
{
    // Rows that others hold locked are claimed or released within a few milliseconds.
    private const int MostRepetitions = 20;

    // More are added faster by COPY, in three round trips.
    private const int MostAddedAtOnce = 50;

    // Far longer than the outcome of any commit is asked for.
    private static readonly TimeSpan KeptAtLeast = TimeSpan.FromHours(1);

    private readonly ServerLocation _location;
    private readonly StoreOptions _options;
    private readonly IPostgresAccess _access;
    private readonly PostgresServer? _server;
    private readonly PostgresTaskTable _table;

    // The last claim found all it wanted: the next one will find something too.
    private volatile bool _hasMore;

    /// <param name="location">Where the queue is.</param>
    /// <param name="options">How it was opened.</param>
    /// <param name="version">The version of its layout.</param>
    /// <param name="access">How its tables are got at; becomes the store's.</param>
    /// <param name="server">The connections for what is not about the tables; null where there is no such.</param>
    public PostgresTaskStore(ServerLocation location, StoreOptions options, int version, IPostgresAccess access, PostgresServer? server)
    {
        _location = location;
        _options = options;
        _access = access;
        _server = server;
        var dialect = new PostgresDialect(location.Schema);
        Dialect = dialect;
        var floors = new ReadyFloors();
        _table = new PostgresTaskTable(location.Queue, dialect, version, server?.Abilities.IsPlain is true, floors);
        HistoryTables = new PostgresHistoryTables(_table, dialect, floors);
        Info = new QueueInfo
        {
            Queue = location.Queue,
            Kind = "PostgreSQL",
            Layout = QueueLayout.TaskQueue,
            SchemaVersion = version,
            UtcOffset = TimeSpan.Zero,
            News = server?.Abilities is { IsPooled: true } or { IsPlain: true } ? QueueNews.Polling : QueueNews.Listening,
        };
    }

    public override QueueInfo Info { get; }

    public override DateTimeOffset Now => ReadWith(session => session.Now, CancellationToken.None);

    protected override DateTimeOffset? KnownNow => _options.Time is { } time ? PostgresSession.NowOf(time) : _server?.Clock.Now;

    protected override NativeTaskTable NativeTable => _table;

    protected override HistoryTables HistoryTables { get; }

    protected override SqlDialect Dialect { get; }

    protected override IReadOnlyList<QueueTask?> Add(IReadOnlyList<NewTask> tasks, CancellationToken cancellation)
    {
        if (tasks.Count > MostAddedAtOnce || KnownNow is not { } now)
        {
            return base.Add(tasks, cancellation);
        }

        var prepared = tasks
            .Select(task => PostgresTaskTable.Prepare(EnqueueTask.Apply(task, Info.Queue, now), source: null, now))
            .ToList();
        var added = Write(
            session =>
            {
                session.Announce();
                session.Confirm();
                return _table.AddAtOnce(session, prepared);
            },
            cancellation);
        return added() ?? ReadWith(session => _table.OnlyAdded(session, [.. prepared.Select(task => task.Task)]), cancellation);
    }

    public override IReadOnlyList<QueueTask> Claim(ClaimRequest request, CancellationToken cancellation)
    {
        if (request.Types.Count == 0 || request.Tokens.Count == 0)
        {
            return [];
        }

        var claimed = _hasMore ? ClaimAtOnce(request, cancellation) : [];
        claimed = claimed.Count > 0 ? claimed : ClaimByLooking(request, cancellation);
        _hasMore = claimed.Count == request.Tokens.Count && !Server.Abilities.IsPlain;
        return claimed;
    }

    private IReadOnlyList<QueueTask> ClaimAtOnce(ClaimRequest request, CancellationToken cancellation)
    {
        if (Write(session => _table.ClaimAtOnce(session, request), cancellation)() is { } claimed)
        {
            return claimed;
        }

        _hasMore = false;
        // No token is used twice. If none is found now, its task may have been stopped already: the caller goes on with new ones.
        return FindClaimed(request.Tokens, cancellation) is { Count: > 0 } found
            ? [.. request.Tokens.Join(found, token => token, task => task.ClaimToken!.Value, (_, task) => task)]
            : throw PostgresErrors.ClaimUnanswered(Info.Queue);
    }

    private IReadOnlyList<QueueTask> ClaimByLooking(ClaimRequest request, CancellationToken cancellation)
    {
        var fromBeginning = false;
        for (var repetition = 0; ; repetition++)
        {
            var attempt = Write(session => _table.Claim(session, request, fromBeginning), cancellation);
            attempt.Remember();
            // To a caller that asks again soon, an empty answer may be given without a look at all there is.
            var isSure = attempt.WasFromBeginning || request.IsRepeated;
            if (attempt.Claimed.Count > 0 || (isSure && !attempt.IsWorthRepeating) || repetition == MostRepetitions)
            {
                return attempt.Claimed;
            }

            fromBeginning = true;
            if (attempt.IsWorthRepeating)
            {
                Thread.Sleep(Random.Shared.Next(1, 4));
            }
        }
    }

    // In a transaction that waits for the standbys: what it finds is taken for committed.
    public override IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) => WriteWith(
        session =>
        {
            session.Confirm();
            return _table.Claimed(session, tokens);
        },
        cancellation);

    public override IDisposable Watch(Action changed) => Server.Watch.Add(changed);

    public override BackupResult Backup(BackupRequest request, CancellationToken cancellation) =>
        new PostgresBackup(_location, _options, Info.SchemaVersion, Server).Make(request, cancellation);

    public override void Dispose() => _access.Dispose();

    public override T ReadWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) => _access.Read(work, cancellation);

    public override T WriteWith<T>(Func<SqlSession, T> work, CancellationToken cancellation) =>
        Write(session => work(session), cancellation);

    private T Write<T>(Func<PostgresSession, T> work, CancellationToken cancellation) =>
        _access.Write(session => Counting(session, work), cancellation);

    // Not every server can tell.
    protected override long BytesOnDisk() => Server.Abilities.IsPlain ? 0 : new PostgresSpace(_location, _options, _access, Server).Bytes();

    protected override bool Reclaim(Action<double> progress, CancellationToken cancellation)
    {
        CountAnew(cancellation);
        WriteWith(
            session =>
            {
                _table.Prune(session, session.Now - KeptAtLeast);
                return true;
            },
            cancellation);
        return !Server.Abilities.IsPlain && new PostgresSpace(_location, _options, _access, Server).Reclaim(progress, cancellation);
    }

    private PostgresServer Server => _server ?? throw new InvalidOperationException("Not on a queue as it was at one moment.");
}
