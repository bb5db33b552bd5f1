using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;
using Xunit;

namespace TaskQueue.TestPostgres;

/// <summary>
/// A PostgreSQL server for tests: a throw-away one made with the programs of this machine, or the one that the environment variable
/// <c>TASKQUEUE_TEST_POSTGRES</c> names, a location whose user is a superuser. Queues are kept in a database of their own, by a user
/// who owns that and nothing more.
/// </summary>
public sealed class PostgresCluster : IDisposable
{
    /// <summary>Names a server to use; see there.</summary>
    public const string ServerVariable = "TASKQUEUE_TEST_POSTGRES";

    private static readonly Lazy<PostgresCluster> TheShared = new(MakeShared);

    private readonly PostgresLocation _superuser;
    private readonly ServerFolder? _folder;
    private readonly Guardian? _guardian;
    private bool _isShared;

    private PostgresCluster(PostgresLocation superuser, ServerFolder? folder, Guardian? guardian)
    {
        _superuser = superuser;
        _folder = folder;
        _guardian = guardian;
    }

    /// <summary>A server is named, or this machine has the programs of one.</summary>
    public static bool CanBeShared =>
        Environment.GetEnvironmentVariable(ServerVariable) is not (null or "") || ServerPrograms.Found is not null;

    /// <summary>The server that the tests of this process share; skips the test if there is none to be had.</summary>
    public static PostgresCluster Shared
    {
        get
        {
            if (!CanBeShared)
            {
                SkipWithoutPrograms();
            }

            return TheShared.Value;
        }
    }

    /// <summary>The database of the queues, as its owner, who is no superuser.</summary>
    public PostgresLocation Owner { get; private set; } = null!;

    /// <summary>The same database as the superuser.</summary>
    public PostgresLocation Superuser => _superuser with { Database = Owner.Database };

    /// <summary>Another server, which follows this one and serves readers; to be disposed of by itself.</summary>
    /// <param name="name">Its name among <c>synchronous_standby_names</c>.</param>
    public PostgresCluster StartStandby(string name)
    {
        EnsureOwn();
        var folder = ServerFolder.Create(ServerPrograms.Found!);
        var guardian = new Guardian(folder);
        try
        {
            var superuser = _superuser with { Port = FreePort(_superuser.Host) };
            folder.CopyFrom(ConnectionFor(name), [$"port = {superuser.Port}", "synchronous_standby_names = ''"]);
            folder.Start();
            return new PostgresCluster(superuser, folder, guardian) { Owner = Owner with { Port = superuser.Port } };
        }
        catch
        {
            guardian.Dispose();
            throw;
        }
    }

    /// <summary>Makes a standby a primary.</summary>
    public void Promote() => EnsureOwn().Promote();

    /// <summary>Makes a primary that was stopped in order the standby of the one that took its place, and starts it.</summary>
    public void StartAsStandbyOf(PostgresCluster primary, string name)
    {
        EnsureOwn().Follow(primary.ConnectionFor(name));
        Start();
    }

    /// <summary>The database of the queues by the Unix-domain socket, as the user of this process.</summary>
    public PostgresLocation Socket =>
        Owner with { Host = Uri.EscapeDataString(EnsureOwn().Path), User = Environment.UserName, Password = null };

    /// <summary>A server of the test's own, which it may stop and configure; skips the test if there is none to be had.</summary>
    public static PostgresCluster Start(PostgresClusterOptions? options = null)
    {
        SkipWithoutPrograms();
        return Make(options ?? new());
    }

    /// <summary>Where a queue can be made that no other test uses.</summary>
    public PostgresLocation NewQueue() => Owner with { Schema = NewName("queue") };

    /// <summary>The same as text.</summary>
    public string NewQueueLocation() => NewQueue().ToString();

    /// <summary>A location on this server.</summary>
    /// <param name="schema">The queue's schema; null to name none.</param>
    /// <param name="user">Null for the owner of the database, with its password.</param>
    /// <param name="password">The password of <paramref name="user"/>; null to name none.</param>
    /// <param name="database">Another database than that of the queues.</param>
    public string Location(string? schema = null, string? user = null, string? password = null, string? database = null)
    {
        var location = user is null ? Owner : Owner with { User = user, Password = password };
        return (location with { Schema = schema, Database = database ?? Owner.Database }).ToString();
    }

    /// <summary>A user who may log in, and nothing more; with its password.</summary>
    public PostgresLocation NewUser()
    {
        var user = Owner with { User = NewName("user"), Password = NewPassword() };
        Execute($"CREATE ROLE {user.User} LOGIN PASSWORD '{user.Password}'");
        return user;
    }

    /// <summary>Runs statements as the superuser, in the database of the queues.</summary>
    public void Execute(string sql) => Execute(Superuser, sql);

    /// <summary>Ends all connections but the one it does this with, as a failover does.</summary>
    public void TerminateBackends()
    {
        EnsureOwn();
        Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
    }

    public void Stop(StopMode mode = StopMode.Fast) => EnsureOwn().Stop(mode);

    public void Start() => EnsureOwn().Start();

    public void Restart(StopMode mode = StopMode.Fast) => EnsureOwn().Restart(mode);

    public void Dispose()
    {
        if (_guardian is not null)
        {
            _guardian.Dispose();
            return;
        }

        Execute(_superuser, $"DROP DATABASE IF EXISTS {Owner.Database} WITH (FORCE)");
        Execute(_superuser, $"DROP ROLE IF EXISTS {Owner.User}");
    }

    /// <summary>A name that no other test uses, which needs no quotes.</summary>
    public static string NewName(string kind) => $"{kind}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    private string ConnectionFor(string standby) =>
        $"host={_superuser.Host} port={_superuser.Port} user={_superuser.User} password={_superuser.Password} application_name={standby}";

    private ServerFolder EnsureOwn() => _folder is not null && !_isShared
        ? _folder
        : throw new InvalidOperationException("Other tests use this server too: start one of the test's own.");

    private static PostgresCluster MakeShared()
    {
        PostgresCluster cluster;
        if (Environment.GetEnvironmentVariable(ServerVariable) is { Length: > 0 } location)
        {
            cluster = new PostgresCluster(PostgresLocation.Parse(location), folder: null, guardian: null).WithDatabase();
            AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.Dispose();
        }
        else
        {
            // Its guardian sees this process end, and does the rest by itself.
            cluster = Make(new() { Settings = ["max_connections = 300"] });
        }

        cluster._isShared = true;
        return cluster;
    }

    private static PostgresCluster Make(PostgresClusterOptions options)
    {
        var folder = ServerFolder.Create(ServerPrograms.Found!);
        var guardian = new Guardian(folder);
        try
        {
            var superuser = new PostgresLocation
            {
                Host = options.Address, Port = FreePort(options.Address), Database = "postgres", User = "postgres",
                Password = NewPassword(),
            };
            var kind = options.Certificate is null ? "host" : "hostssl";
            string[] access = options.HasSocket ? ["local all all peer"] : [];
            string[] settings = [
                .. Configuration(superuser, options), $"unix_socket_directories = '{(options.HasSocket ? folder.Path : "")}'",
            ];
            folder.Initialize(
                superuser.User, superuser.Password, settings, [.. access, $"{kind} all all {options.Address}/24 scram-sha-256"],
                options.Certificate);
            folder.Start();
            var cluster = new PostgresCluster(superuser, folder, guardian).WithDatabase();
            if (options.HasSocket && Environment.UserName != superuser.User)
            {
                cluster.Execute($"CREATE ROLE \"{Environment.UserName}\" LOGIN");
                cluster.Execute($"GRANT ALL ON DATABASE {cluster.Owner.Database} TO \"{Environment.UserName}\"");
            }

            return cluster;
        }
        catch
        {
            guardian.Dispose();
            throw;
        }
    }

    private static IEnumerable<string> Configuration(PostgresLocation location, PostgresClusterOptions options) =>
    [
        $"listen_addresses = '{location.Host}'",
        $"port = {location.Port}",
        $"fsync = {(options.IsDurable ? "on" : "off")}",
        $"ssl = {(options.Certificate is null ? "off" : "on")}",
        .. options.Settings,
    ];

    private PostgresCluster WithDatabase()
    {
        Owner = _superuser with { User = NewName("owner"), Password = NewPassword(), Database = NewName("queues") };
        Execute(_superuser, $"CREATE ROLE {Owner.User} LOGIN PASSWORD '{Owner.Password}'");
        Execute(_superuser, $"CREATE DATABASE {Owner.Database}");
        // Not made by the owner: a superuser of a hosted server may give a database away only to roles it is a member of.
        Execute(_superuser, $"GRANT ALL ON DATABASE {Owner.Database} TO {Owner.User}");
        return this;
    }

    private static void Execute(PostgresLocation location, string sql)
    {
        using var connection = location.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private static void SkipWithoutPrograms() => Assert.SkipWhen(
        ServerPrograms.Found is null,
        "There is no PostgreSQL server on this machine: neither pg_config nor the usual folders lead to initdb, pg_ctl "
            + $"and postgres. Install one{(OperatingSystem.IsLinux() ? ", such as the package postgresql" : "")}.");

    /// <summary>
    /// Below those that systems give to clients: else a client that tries to connect while the server is stopped may be given the
    /// server's port, find itself there, and keep the server from starting again.
    /// </summary>
    internal static int FreePort(string address)
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Parse(address), port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }

    private static string NewPassword() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
}
