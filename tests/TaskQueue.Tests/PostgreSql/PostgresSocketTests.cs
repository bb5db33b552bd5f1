using Npgsql;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A server on this machine, reached by its Unix-domain socket, which knows who asks without a password.</summary>
public sealed class PostgresSocketTests : PostgresTestBase
{
    public PostgresSocketTests()
        : base(new() { HasSocket = !OperatingSystem.IsWindows() }) =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "PostgreSQL knows no peers on Windows.");

    [Fact]
    public void A_queue_is_made_worked_on_and_watched_by_its_socket()
    {
        var store = Open(location: Cluster.Socket with { Schema = Queue.Schema });
        using var told = new AutoResetEvent(false);
        using var watch = store.Watch(() => told.Set());
        told.WaitOne(0);
        var worker = Start(store, new WorkerOptions(), ("work", WorkerRun.Succeed));

        Enqueue(store, "a");

        Assert.Equal("a", worker.NextFinished().Id);
        Assert.True(told.WaitOne(HangGuard.Longest));
        using var connection = Cluster.Superuser.Connect();
        using var command = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'TaskQueue' AND client_addr IS NOT NULL", connection);
        Assert.Equal(0L, command.ExecuteScalar());
        using var byName = TaskStores.Open(store.Info.Queue, Reading);
        Assert.NotNull(byName.Find("a", Cancel));
    }

    [Fact]
    public void A_list_may_mix_sockets_and_addresses()
    {
        var socket = Cluster.Socket;
        var store = Open(
            location: socket with { Schema = Queue.Schema, Host = $"{socket.Host}:{socket.Port},{Queue.Host}:{Queue.Port}", Port = 0 });

        Enqueue(store, "a");

        Assert.NotNull(store.Find("a", Cancel));
    }

    [Fact]
    public void A_password_file_that_others_may_read_is_passed_over_with_a_warning()
    {
        using var folder = new TemporaryFolder();
        var file = folder["pass"];
        File.WriteAllText(file, $"*:*:*:{Queue.User}:{Queue.Password}\n");
        var location = Queue with { Password = null, Settings = [$"passfile={Uri.EscapeDataString(file)}"] };
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        }

        Assert.Contains("chmod 0600", TaskStores.WarningOf(location.ToString()), StringComparison.Ordinal);
        var error = Assert.Throws<QueueUnavailableException>(() => Open(location: location));
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.Contains("chmod 0600", error.Advice?.ToString(), StringComparison.Ordinal);

        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Assert.Null(TaskStores.WarningOf(location.ToString()));
        Enqueue(Open(location: location), "a");
    }
}
