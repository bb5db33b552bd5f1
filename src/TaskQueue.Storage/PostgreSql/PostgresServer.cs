using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// The connections this process has to one queue, shared by all who open it alike. A location that only names the queue, as tasks do that carry it to
/// another runspace, is opened with the password and the settings of whoever opened it before.
/// </summary>
internal sealed class PostgresServer
{
    // A worker needs about six at a time, a prompt one.
    private const int MostConnections = 20;
    private const int PreparedStatements = 200;

    private static readonly Lock Registry = new();
    private static readonly List<PostgresServer> Open = [];

    // What the location says, with what it was given by another one, before our own settings.
    private readonly NpgsqlConnectionStringBuilder _basis;
    private readonly string _settings;
    private readonly StoreOptions _options;
    private readonly Lock _learning = new();
    private int _users = 1;
    private PostgresAbilities? _abilities;
    private PostgresSettings? _sessionSettings;

    private PostgresServer(ServerLocation location, NpgsqlConnectionStringBuilder basis, NpgsqlConnectionStringBuilder settings, StoreOptions options)
    {
        Location = location;
        _basis = basis;
        _options = options;
        _settings = settings.ConnectionString;
        Source = new NpgsqlDataSourceBuilder(_settings).Build();
        News = new PostgresNews(Source, location.Schema);
        Watch = new PostgresWatch(Source, location.Schema);
        Receipts = new PostgresReceipts(PostgresDialect.Quoted(location.Schema));
        Preparation = new PostgresPreparation(settings.MaxAutoPrepare);
    }

    public ServerLocation Location { get; }

    public NpgsqlDataSource Source { get; }

    /// <summary>Tells other processes of changes.</summary>
    public PostgresNews News { get; }

    /// <summary>Tells this process of changes, its own among them.</summary>
    public PostgresWatch Watch { get; }

    /// <summary>Tell what became of a commit whose answer was lost.</summary>
    public PostgresReceipts Receipts { get; }

    /// <summary>Which statements the server keeps for the connections.</summary>
    public PostgresPreparation Preparation { get; }

    /// <summary>What the server can do; known once a queue was opened on it.</summary>
    public PostgresAbilities Abilities => _abilities ?? throw new InvalidOperationException("The server was not asked yet what it can do.");

    /// <summary>The connections to a queue, shared with whoever else in this process opened it alike.</summary>
    public static PostgresServer Rent(ServerLocation location, StoreOptions options)
    {
        lock (Registry)
        {
            var basis = BasisOf(location);
            var settings = SettingsOf(new NpgsqlConnectionStringBuilder(basis.ConnectionString), options);
            // The schema is not among the settings: two queues of one database are told apart by their names.
            if (Open.Find(open => open.Location.IsSameQueue(location) && open._settings == settings.ConnectionString && open.IsFor(options)) is { } server)
            {
                server._users++;
                return server;
            }

            var added = new PostgresServer(location, basis, settings, options);
            Open.Add(added);
            return added;
        }
    }

    /// <summary>Gives them back; the last one closes them.</summary>
    public void Return()
    {
        lock (Registry)
        {
            if (--_users > 0)
            {
                return;
            }

            Open.Remove(this);
        }

        News.Dispose();
        Watch.Dispose();
        Source.Dispose();
    }

    /// <summary>Opens a connection, or takes one that is free.</summary>
    public NpgsqlConnection OpenConnection(CancellationToken cancellation)
    {
        try
        {
            return cancellation.CanBeCanceled
                ? Source.OpenConnectionAsync(cancellation).AsTask().GetAwaiter().GetResult()
                : Source.OpenConnection();
        }
        catch (Exception error) when (
            !PostgresErrors.IsAboutServer(error) && error is not (OperationCanceledException or ObjectDisposedException))
        {
            throw PostgresErrors.Lost(error);
        }
    }

    /// <summary>Asks the server what it can do, the first time only.</summary>
    public void Learn(NpgsqlConnection connection)
    {
        lock (_learning)
        {
            if (_abilities is not null)
            {
                return;
            }

            var abilities = PostgresAbilities.Ask(connection, Location.Queue);
            _sessionSettings = new PostgresSettings(_options, abilities);
            if (abilities.IsPooled)
            {
                Preparation.TurnOff();
                Watch.OnlyLook();
            }

            if (abilities.IsPlain)
            {
                Watch.LookByTime();
                News.TurnOff();
            }

            _abilities = abilities;
        }
    }

    /// <summary>Opens a connection for a piece of work; known to be of use once a queue was opened on the server.</summary>
    /// <param name="time">The clock to go by; null for the server's.</param>
    /// <param name="cancellation">Ends what runs, but no commit.</param>
    public PostgresSession OpenSession(TimeProvider? time, CancellationToken cancellation) =>
        new(OpenConnection(cancellation), Preparation, _sessionSettings ?? throw new InvalidOperationException("The server was not asked yet what it can do."), time, cancellation);

    /// <summary>
    /// Keeps connections from being used again that an error has shown to be of no use. To a server that takes no writes any more all the others
    /// of the pool lead as well. One that is out of step no longer knows what the server has prepared for it.
    /// </summary>
    public void LeaveAfter(Exception error)
    {
        if (PostgresErrors.HasLostStatement(error))
        {
            // A pooler that was not found out.
            Preparation.TurnOff();
        }

        if (PostgresErrors.IsReadOnly(error) || PostgresErrors.IsOutOfStep(error))
        {
            Source.Clear();
        }
    }

    private static NpgsqlConnectionStringBuilder BasisOf(ServerLocation location)
    {
        var own = location.Settings;
        if (own.Password is not null || Open.Find(open => open.Location.IsSameQueue(location) && open.Location.User == location.User) is not { } known)
        {
            return own;
        }

        if (location.IsOnlyName)
        {
            return known._basis;
        }

        own.Password = known._basis.Password;
        return own;
    }

    private bool IsFor(StoreOptions options) => _options.Timeout == options.Timeout && _options.Durability == options.Durability;

    private static NpgsqlConnectionStringBuilder SettingsOf(NpgsqlConnectionStringBuilder settings, StoreOptions options)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(options.Timeout.TotalSeconds), 1, 3600);
        SetDefault("Maximum Pool Size", MostConnections);
        SetDefault("Max Auto Prepare", PreparedStatements);
        SetDefault("Application Name", "TaskQueue");
        SetDefault("Timeout", seconds);
        // Nothing is prepared automatically (see PostgresPreparation). What is prepared already is used, in whatever batch.
        settings.AutoPrepareMinUsages = int.MaxValue;
        settings.SearchPath = null;
        settings.Enlist = false;
        settings.Multiplexing = false;
        // Whatever PGCLIENTENCODING says: it would change what is stored.
        settings.ClientEncoding = "UTF8";
        // What is set ends with its transaction, so there is nothing to be reset.
        settings.NoResetOnClose = true;
        settings.TcpKeepAlive = true;
        settings.TcpKeepAliveTime = 10;
        settings.TcpKeepAliveInterval = 5;
        // The server ends a statement by itself; this is for one that does not answer any more.
        settings.CommandTimeout = seconds + 2;
        settings.CancellationTimeout = 500;
        return settings;

        void SetDefault(string key, object value)
        {
            if (!settings.ShouldSerialize(key))
            {
                settings[key] = value;
            }
        }
    }
}
