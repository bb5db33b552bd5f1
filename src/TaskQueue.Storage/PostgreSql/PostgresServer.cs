using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// The connections this process has to one queue, shared by all who open it: a location without a password finds the connections that
/// were opened with one, as tasks do that carry their queue to another runspace.
/// </summary>
internal sealed class PostgresServer
{
    // A worker needs about six at a time, a prompt one.
    private const int MostConnections = 20;
    private const int PreparedStatements = 200;

    private static readonly Lock Registry = new();
    private static readonly List<PostgresServer> Open = [];

    private readonly string _settings;
    private int _users = 1;

    private PostgresServer(ServerLocation location, NpgsqlConnectionStringBuilder settings)
    {
        Location = location;
        _settings = settings.ConnectionString;
        Source = new NpgsqlDataSourceBuilder(_settings).Build();
        News = new PostgresNews(Source, location.Schema);
        Watch = new PostgresWatch(Source, location.Schema);
        Receipts = new PostgresReceipts(PostgresDialect.Quoted(location.Schema));
    }

    public ServerLocation Location { get; }

    public NpgsqlDataSource Source { get; }

    /// <summary>Tells other processes of changes.</summary>
    public PostgresNews News { get; }

    /// <summary>Tells this process of changes, its own among them.</summary>
    public PostgresWatch Watch { get; }

    /// <summary>Tell what became of a commit whose answer was lost.</summary>
    public PostgresReceipts Receipts { get; }

    /// <summary>The connections to a queue, shared with whoever else in this process opened it alike.</summary>
    public static PostgresServer Rent(ServerLocation location, StoreOptions options)
    {
        var settings = SettingsOf(location, options);
        lock (Registry)
        {
            var server = Open.Find(open => open._settings == settings.ConnectionString)
                ?? (settings.Password is null ? Open.Find(open => open.Location.IsSameQueue(location) && open.Location.User == location.User) : null);
            if (server is not null)
            {
                server._users++;
                return server;
            }

            var added = new PostgresServer(location, settings);
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

    private static NpgsqlConnectionStringBuilder SettingsOf(ServerLocation location, StoreOptions options)
    {
        var settings = location.Settings;
        var seconds = (int)Math.Clamp(Math.Ceiling(options.Timeout.TotalSeconds), 1, 3600);
        SetDefault("Maximum Pool Size", MostConnections);
        SetDefault("Max Auto Prepare", PreparedStatements);
        SetDefault("Application Name", "TaskQueue");
        SetDefault("Timeout", seconds);
        settings.AutoPrepareMinUsages = 2;
        settings.SearchPath = null;
        settings.Enlist = false;
        // Nothing of a session is ever set, so there is nothing to be reset.
        settings.NoResetOnClose = true;
        settings.TcpKeepAlive = true;
        settings.TcpKeepAliveTime = 10;
        settings.TcpKeepAliveInterval = 5;
        // The server ends a statement by itself; this is for one that does not answer any more.
        settings.CommandTimeout = seconds + 2;
        settings.CancellationTimeout = 500;
        settings.Options = $"{settings.Options} {ServerSettings(options)}".Trim();
        return settings;

        void SetDefault(string key, object value)
        {
            if (!settings.ShouldSerialize(key))
            {
                settings[key] = value;
            }
        }
    }

    // A host that loses its network, or sleeps, in the middle of a transaction must not keep its tasks locked against the others.
    // The plan of a statement that was prepared on an empty table is kept while the table grows: it must not read the whole of it. That being so, none
    // needs to be planned anew for its values: on a queue with millions of finished tasks that took a third of a claim's time.
    private static string ServerSettings(StoreOptions options)
    {
        var milliseconds = (long)Math.Clamp(options.Timeout.TotalMilliseconds, 1, int.MaxValue);
        var durability = options.Durability is Durability.Normal ? " -c synchronous_commit=off" : "";
        return $"-c statement_timeout={milliseconds} -c lock_timeout={milliseconds} -c idle_in_transaction_session_timeout={milliseconds} -c search_path=pg_catalog -c enable_seqscan=off -c enable_bitmapscan=off -c jit=off -c plan_cache_mode=force_generic_plan{durability}";
    }
}
