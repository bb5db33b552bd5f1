using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// The connections this process has to one queue, shared by all who open it alike. A location that only names the queue, as tasks do that
/// carry it to another thread, is opened with the password and the settings of whoever opened it before.
/// </summary>
internal sealed class PostgresServer
{
    // A worker needs about six at a time, a prompt one.
    private const int MostConnections = 20;
    private const int PreparedStatements = 200;
    private const int LongestForOneOfMany = 3;

    // Npgsql takes no more.
    private const int LongestToConnect = 1024;

    private static readonly Lock Registry = new();
    private static readonly List<PostgresServer> Open = [];

    // What the location says, with what it was given by another one, before our own settings.
    private readonly NpgsqlConnectionStringBuilder _basis;
    private readonly string _settings;
    private readonly StoreOptions _options;
    private readonly Lock _learning = new();
    private readonly NpgsqlDataSource _apart;
    private readonly bool _wantsPrimary;
    private readonly StandbyCheck _standbyCheck;
    private int _users = 1;
    private PostgresAbilities? _abilities;
    private PostgresSettings? _sessionSettings;

    private PostgresServer(
        ServerLocation location, NpgsqlConnectionStringBuilder basis, NpgsqlConnectionStringBuilder settings, StoreOptions options)
    {
        Location = location;
        _basis = basis;
        _options = options;
        _settings = settings.ConnectionString;
        Source = Build(settings);
        _apart = Build(new NpgsqlConnectionStringBuilder(_settings) { Pooling = false });
        _wantsPrimary = settings.TargetSessionAttributes is null or "primary" or "read-write";
        _standbyCheck = NewStandbyCheck();
        News = new PostgresNews(Source, location.Schema);
        Watch = new PostgresWatch(this);
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

    /// <summary>The server's clock as it is known between two looks at it.</summary>
    public ServerClock Clock { get; } = new();

    /// <summary>Commits whose outcome is still to be found out.</summary>
    public UnansweredCommits Unanswered { get; } = new();

    /// <summary>Which statements the server keeps for the connections.</summary>
    public PostgresPreparation Preparation { get; }

    /// <summary>What the server can do; known once a queue was opened on it.</summary>
    public PostgresAbilities Abilities => _abilities ?? throw NotAsked();

    private PostgresSettings SessionSettings => _sessionSettings ?? throw NotAsked();

    /// <summary>The connections to a queue, shared with whoever else in this process opened it alike.</summary>
    public static PostgresServer Rent(ServerLocation location, StoreOptions options)
    {
        lock (Registry)
        {
            var basis = BasisOf(location);
            var settings = SettingsOf(location, new NpgsqlConnectionStringBuilder(basis.ConnectionString), options);
            // The schema is not among the settings: two queues of one database are told apart by their names.
            if (Open.Find(
                open => open.Location.IsSameQueue(location)
                    && open._settings == settings.ConnectionString
                    && open.IsFor(options)) is { } server)
            {
                server._users++;
                return server;
            }

            var added = new PostgresServer(location, basis, settings, options);
            Open.Add(added);
            return added;
        }
    }

    /// <summary>Returns them; the last user closes them.</summary>
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
        _apart.Dispose();
    }

    /// <summary>Opens a connection, or takes one that is free.</summary>
    public NpgsqlConnection OpenConnection(CancellationToken cancellation)
    {
        var connection = OpenFrom(Source, cancellation);
        if (!_standbyCheck.ShouldLeave(connection))
        {
            return connection;
        }

        Leave();
        connection.Dispose();
        return OpenFrom(Source, cancellation);
    }

    /// <summary>For a connection that is held for long.</summary>
    public StandbyCheck NewStandbyCheck() => new(_wantsPrimary);

    private NpgsqlConnection OpenFrom(NpgsqlDataSource source, CancellationToken cancellation)
    {
        try
        {
            return cancellation.CanBeCanceled
                ? source.OpenConnectionAsync(cancellation).AsTask().GetAwaiter().GetResult()
                : source.OpenConnection();
        }
        catch (NpgsqlException error) when (PostgresErrors.IsWithoutServer(error))
        {
            // The next try asks all servers: another one may have taken over since.
            ForgetStates(source);
            throw;
        }
        catch (NpgsqlException error) when (Location.OpenPasswordFile is { } file && PostgresErrors.IsPasswordMissing(error))
        {
            throw new QueueUnavailableException(
                $"The server of '{Location.Queue}' asks for a password, and the file '{file}' is passed over: others "
                    + "than its owner may use it.",
                $"Take that from them with: chmod 0600 '{file}'",
                error);
        }
        catch (Exception error) when (TlsRefusal.IsIn(error))
        {
            throw TlsRefusal.Explain(new NpgsqlConnectionStringBuilder(_settings), Location.Queue, error);
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
        new(OpenConnection(cancellation), Preparation, SessionSettings, Clock, time, cancellation);

    /// <summary>The same with a connection that takes no place in the pool, and is closed when it is given back.</summary>
    /// <param name="time">The clock to go by; null for the server's.</param>
    public PostgresSession OpenSessionApart(TimeProvider? time) =>
        new(OpenFrom(_apart, CancellationToken.None), PostgresPreparation.None, SessionSettings, Clock, time, CancellationToken.None);

    /// <summary>
    /// Keeps connections from being used again that an error has shown to be of no use. To a server that takes no writes any more all the
    /// others of the pool lead as well. One that is out of step no longer knows what the server has prepared for it.
    /// </summary>
    public void LeaveAfter(Exception error)
    {
        Clock.Forget();
        if (PostgresErrors.HasLostStatement(error))
        {
            // A pooler that was not found out.
            Preparation.TurnOff();
        }

        if (PostgresErrors.IsReadOnly(error) || PostgresErrors.IsOutOfStep(error))
        {
            Leave();
        }
    }

    /// <summary>Has the next connections opened anew, wherever the names lead by then, to a server that is asked what it is.</summary>
    public void Leave()
    {
        Source.Clear();
        ForgetStates(Source);
        ForgetStates(_apart);
    }

    // Npgsql remembers for some time which of several servers is what, or is not there.
    private static void ForgetStates(NpgsqlDataSource source) => (source as NpgsqlMultiHostDataSource)?.ClearDatabaseStates();

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var isList = settings.Host!.Contains(',');
        if (settings.TargetSessionAttributes is null or "any" && !isList)
        {
            return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
        }

        // Npgsql asks what a server is only where there are several: one that is named twice.
        var several = isList
            ? settings
            : new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Host = $"{settings.Host},{settings.Host}" };
        return new NpgsqlDataSourceBuilder(several.ConnectionString).BuildMultiHost();
    }

    private static NpgsqlConnectionStringBuilder BasisOf(ServerLocation location)
    {
        var own = location.Settings;
        if (own.Password is not null
            || Open.Find(open => open.Location.Place == location.Place && open.Location.User == location.User) is not { } known)
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

    private static InvalidOperationException NotAsked() => new("The server was not asked yet what it can do.");

    private bool IsFor(StoreOptions options) => _options.Timeout == options.Timeout && _options.Durability == options.Durability;

    private static NpgsqlConnectionStringBuilder SettingsOf(
        ServerLocation location, NpgsqlConnectionStringBuilder settings, StoreOptions options)
    {
        var isList = location.Hosts.Count > 1;
        var seconds = (int)Math.Clamp(Math.Ceiling(options.Timeout.TotalSeconds), 1, 3600);
        SetDefault("Maximum Pool Size", MostConnections);
        SetDefault("Max Auto Prepare", PreparedStatements);
        SetDefault("Application Name", "TaskQueue");
        // One of several servers that is off the network must not use up the time for all.
        SetDefault("Timeout", Math.Min(seconds, isList ? LongestForOneOfMany : LongestToConnect));
        // Nothing is prepared automatically (see PostgresPreparation). What is prepared already is used, in whatever batch.
        settings.AutoPrepareMinUsages = int.MaxValue;
        settings.SearchPath = null;
        settings.Enlist = false;
        settings.Multiplexing = false;
        // Whatever PGCLIENTENCODING says: it would change what is stored.
        settings.ClientEncoding = "UTF8";
        // Settings end with their transaction, so there is nothing to reset.
        settings.NoResetOnClose = true;
        // Unix-domain sockets have no keepalives, and refuse the setting.
        var hasKeepAlive = !location.Hosts.Any(host => host.IsSocket)
            && (settings.TcpKeepAlive || !settings.ShouldSerialize("TCP Keepalive"));
        settings.TcpKeepAlive = hasKeepAlive;
        settings.TcpKeepAliveTime = hasKeepAlive ? OrDefault(settings.TcpKeepAliveTime, 10) : 0;
        settings.TcpKeepAliveInterval = hasKeepAlive ? OrDefault(settings.TcpKeepAliveInterval, 5) : 0;
        if (isList)
        {
            // We write.
            SetDefault("Target Session Attributes", "primary");
        }

        // The server ends a statement by itself. This is for a server that no longer answers.
        settings.CommandTimeout = seconds + 2;
        settings.CancellationTimeout = 500;
        return settings;

        static int OrDefault(int given, int usual) => given > 0 ? given : usual;

        void SetDefault(string key, object value)
        {
            if (!settings.ShouldSerialize(key))
            {
                settings[key] = value;
            }
        }
    }
}
