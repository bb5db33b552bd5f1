using System.Diagnostics;
using System.Net.Sockets;
using Xunit;

namespace TaskQueue.TestPostgres;

/// <summary>A PgBouncer in front of a server: whoever comes gets to the database of the queues as its owner.</summary>
public sealed class PostgresPooler : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly Lazy<PostgresPooler> TheShared = new(
        () => new PostgresPooler(PostgresCluster.Shared.Owner, "transaction", connections: 4));

    private readonly int _port;
    private readonly string _folder;
    private readonly Process _process;

    private PostgresPooler(PostgresLocation owner, string mode, int connections)
    {
        _port = PostgresCluster.FreePort("127.0.0.1");
        _folder = Directory.CreateTempSubdirectory("taskqueue-pooler-").FullName;
        var configuration = Path.Combine(_folder, "pgbouncer.ini");
        File.WriteAllLines(configuration, Configuration(_port, owner, mode, connections));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(configuration, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        ServerUser.Own(configuration);
        ServerUser.Own(_folder);
        // The shell reads until its input ends, which it does also when the tests are killed; the pooler ends with it.
        var start = ServerUser.StartOf(
            _folder, "/bin/sh", "-c", "\"$0\" -q \"$1\" & pooler=$!; read -r _; kill $pooler; wait", Program!, configuration);
        start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        WaitUntilItListens();
    }

    /// <summary>
    /// A pooler in transaction mode in front of the shared server, with fewer connections to it than tests have clients. Skips the test if
    /// there is none to be had.
    /// </summary>
    public static PostgresPooler Shared
    {
        get
        {
            SkipWithoutProgram();
            return TheShared.Value;
        }
    }

    /// <summary>A pooler of the test's own; skips the test if there is none to be had.</summary>
    /// <param name="cluster">The server.</param>
    /// <param name="mode">Session, transaction or statement.</param>
    /// <param name="connections">How many it has to the server.</param>
    public static PostgresPooler Start(PostgresCluster cluster, string mode, int connections)
    {
        SkipWithoutProgram();
        return new PostgresPooler(cluster.Owner, mode, connections);
    }

    /// <summary>The same place by way of the pooler.</summary>
    public PostgresLocation Before(PostgresLocation location) => location with { Port = _port, Password = null };

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit(Patience);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<string> Configuration(int port, PostgresLocation owner, string mode, int connections) =>
    [
        "[databases]",
        $"* = host={owner.Host} port={owner.Port} user={owner.User} password={owner.Password}",
        "[pgbouncer]",
        "listen_addr = 127.0.0.1",
        $"listen_port = {port}",
        "unix_socket_dir =",
        "auth_type = any",
        $"pool_mode = {mode}",
        $"default_pool_size = {connections}",
        "max_client_conn = 500",
    ];

    private void WaitUntilItListens()
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", _port);
                return;
            }
            catch (SocketException) when (!_process.HasExited && Stopwatch.GetElapsedTime(started) < Patience)
            {
                Thread.Sleep(20);
            }
        }
    }

    private static void SkipWithoutProgram() => Assert.SkipWhen(
        Program is null, "There is no PgBouncer on this machine. Install one, such as the package pgbouncer.");

    // Debian's is where only root looks for programs.
    private static string? Program { get; } = OperatingSystem.IsWindows() ? null : (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, "pgbouncer"))
        .FirstOrDefault(File.Exists);
}
