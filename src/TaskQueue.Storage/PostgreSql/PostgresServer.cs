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
    private const int LongestForOneOfMany = 3;

    // Npgsql takes no more.
    private const int LongestToConnect = 1024;

    private static readonly Lock Registry = new();
    private static readonly List<PostgresServer> Open = [];

    // What the location says, with what it was given by another one, before our own settings.
    private readonly NpgsqlConnectionStringBuilder _basis;
    private readonly string _settings;
    private readonly NpgsqlDataSource _apart;
    private readonly bool _wantsPrimary;
    private readonly StandbyCheck _standbyCheck;
    private int _users = 1;

    private PostgresServer(ServerLocation location, NpgsqlConnectionStringBuilder basis, NpgsqlConnectionStringBuilder settings)
    {
        Location = location;
        _basis = basis;
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

    /// <summary>Commits whose outcome is still to be found out.</summary>
    public UnansweredCommits Unanswered { get; } = new();

    /// <summary>Which statements the server keeps for the connections.</summary>
    public PostgresPreparation Preparation { get; }

    /// <summary>The connections to a queue, shared with whoever else in this process opened it alike.</summary>
    public static PostgresServer Rent(ServerLocation location, StoreOptions options)
    {
        lock (Registry)
        {
            var basis = BasisOf(location);
            var settings = SettingsOf(location, new NpgsqlConnectionStringBuilder(basis.ConnectionString), options);
            // The schema is not among the settings: two queues of one database are told apart by their names.
            if (Open.Find(open => open.Location.IsSameQueue(location) && open._settings == settings.ConnectionString) is { } server)
            {
                server._users++;
                return server;
            }

            var added = new PostgresServer(location, basis, settings);
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

    /// <summary>Opens a connection that takes no place in the pool, and is closed when it is given back.</summary>
    public NpgsqlConnection OpenConnectionApart() => OpenFrom(_apart, CancellationToken.None);

    private NpgsqlConnection OpenFrom(NpgsqlDataSource source, CancellationToken cancellation)
    {
        try
        {
            return cancellation.CanBeCanceled
                ? source.OpenConnectionAsync(cancellation).AsTask().GetAwaiter().GetResult()
                : source.OpenConnection();
        }
        catch (NpgsqlException error) when (Location.OpenPasswordFile is { } file && PostgresErrors.IsPasswordMissing(error))
        {
            throw new QueueUnavailableException(
                $"The server of '{Location.Queue}' asks for a password, and the file '{file}' is passed over: others than its owner may use it.",
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

    /// <summary>
    /// Keeps connections from being used again that an error has shown to be of no use. To a server that takes no writes any more all the others
    /// of the pool lead as well. One that is out of step no longer knows what the server has prepared for it.
    /// </summary>
    public void LeaveAfter(Exception error)
    {
        if (PostgresErrors.IsReadOnly(error) || PostgresErrors.IsOutOfStep(error))
        {
            Leave();
        }
        else if (Source is NpgsqlMultiHostDataSource list && PostgresErrors.IsWithoutServer(error))
        {
            // Another one may have taken over since they were asked.
            list.ClearDatabaseStates();
        }
    }

    /// <summary>Has the next connections opened anew, wherever the names lead by then, to a server that is asked what it is.</summary>
    public void Leave()
    {
        Source.Clear();
        (Source as NpgsqlMultiHostDataSource)?.ClearDatabaseStates();
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        // Npgsql asks a single server what it is only this way.
        return settings.TargetSessionAttributes is null or "any" && !settings.Host!.Contains(',') ? builder.Build() : builder.BuildMultiHost();
    }

    private static NpgsqlConnectionStringBuilder BasisOf(ServerLocation location)
    {
        var own = location.Settings;
        if (own.Password is not null || Open.Find(open => open.Location.Place == location.Place && open.Location.User == location.User) is not { } known)
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

    private static NpgsqlConnectionStringBuilder SettingsOf(ServerLocation location, NpgsqlConnectionStringBuilder settings, StoreOptions options)
    {
        var isList = location.Hosts.Count > 1;
        var seconds = (int)Math.Clamp(Math.Ceiling(options.Timeout.TotalSeconds), 1, 3600);
        SetDefault("Maximum Pool Size", MostConnections);
        SetDefault("Max Auto Prepare", PreparedStatements);
        SetDefault("Application Name", "TaskQueue");
        // Of several servers, one that is off the network must not use up the time of all.
        SetDefault("Timeout", Math.Min(seconds, isList ? LongestForOneOfMany : LongestToConnect));
        // Nothing is prepared automatically (see PostgresPreparation). What is prepared already is used, in whatever batch.
        settings.AutoPrepareMinUsages = int.MaxValue;
        settings.SearchPath = null;
        settings.Enlist = false;
        settings.Multiplexing = false;
        // Whatever PGCLIENTENCODING says: it would change what is stored.
        settings.ClientEncoding = "UTF8";
        // Nothing of a session is ever set, so there is nothing to be reset.
        settings.NoResetOnClose = true;
        // Unix-domain sockets have none, and refuse to be told of it.
        var hasKeepAlive = !location.Hosts.Any(host => host.IsSocket) && (settings.TcpKeepAlive || !settings.ShouldSerialize("TCP Keepalive"));
        settings.TcpKeepAlive = hasKeepAlive;
        settings.TcpKeepAliveTime = hasKeepAlive ? OrDefault(settings.TcpKeepAliveTime, 10) : 0;
        settings.TcpKeepAliveInterval = hasKeepAlive ? OrDefault(settings.TcpKeepAliveInterval, 5) : 0;
        if (isList)
        {
            // We write.
            SetDefault("Target Session Attributes", "primary");
        }

        // The server ends a statement by itself; this is for one that does not answer any more.
        settings.CommandTimeout = seconds + 2;
        settings.CancellationTimeout = 500;
        settings.Options = $"{settings.Options} {ServerSettings(options)}".Trim();
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

    // A host that loses its network, or sleeps, in the middle of a transaction must not keep its tasks locked against the others: between two statements
    // the server waits as long as for a statement, in the middle of one it asks whether the host is there.
    // The plan of a statement that was prepared on an empty table is kept while the table grows: it must not read the whole of it.
    private static string ServerSettings(StoreOptions options)
    {
        var milliseconds = (long)Math.Clamp(options.Timeout.TotalMilliseconds, 1, int.MaxValue);
        var durability = options.Durability is Durability.Normal ? " -c synchronous_commit=off" : "";
        return $"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds} -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c search_path=pg_catalog -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off{durability}";
    }
}
