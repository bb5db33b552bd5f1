using System.Net;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Opening what is there, is not there, or is something else.</summary>
public sealed class PostgresOpeningTests
{
    private readonly PostgresLocation _queue = PostgresCluster.Shared.NewQueue();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static StoreOptions Writing { get; } = new() { Create = true, ForWriting = true };

    [Fact]
    public void A_server_that_is_not_there_is_told_at_once()
    {
        AssertUnavailable(_queue with { Port = 1 }, "127.0.0.1");
        AssertUnavailable(_queue with { Host = "no-such-host.invalid" }, "no-such-host.invalid");
    }

    [Fact]
    public void A_wrong_password_is_refused_at_once_and_never_shown()
    {
        using (TaskStores.Open(_queue.ToString(), Writing))
        {
            // Also not while the right one is in use.
            AssertUnavailable(_queue with { Password = "not-the-password" }, _queue.User);
        }

        AssertUnavailable(_queue with { Password = "not-the-password" }, _queue.User);
        AssertUnavailable(_queue with { User = "no_such_user" }, "no_such_user");
    }

    [Fact]
    public void A_credential_opens_the_queue_and_further_locations_need_none()
    {
        var bare = _queue with { Password = null };
        AssertUnavailable(bare, _queue.User);
        using var store = TaskStores.Open(
            bare.ToString(), Writing with { Credential = new NetworkCredential(_queue.User, _queue.Password) });
        using var second = TaskStores.Open(store.Info.Queue, new StoreOptions { ForWriting = true });

        second.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);

        Assert.NotNull(store.Find("a", Cancel));
        Assert.DoesNotContain(_queue.Password!, store.Info.Queue, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_that_is_not_there_is_not_made_by_the_way()
    {
        Assert.Throws<QueueNotFoundException>(() => TaskStores.Open(_queue.ToString(), new StoreOptions()));
        Assert.Throws<QueueNotFoundException>(() => TaskStores.Open(_queue.ToString(), new StoreOptions { ForWriting = true }));
        Assert.Throws<QueueNotFoundException>(() => TaskStores.Open((_queue with { Database = "no_such_database" }).ToString(), Writing));

        Assert.Equal(0L, Scalar($"SELECT COUNT(*) FROM pg_namespace WHERE nspname = '{_queue.Schema}'"));
    }

    [Fact]
    public void A_queue_is_made_once_by_however_many_at_a_time()
    {
        Parallel.For(0, 8, number =>
        {
            using var store = TaskStores.Open(_queue.ToString(), Writing);
            Assert.Equal(TaskOutcomeKind.Applied, store.Enqueue([new NewTask { Id = $"task-{number}", Type = "work" }], Cancel)[0].Kind);
        });

        using var made = TaskStores.Open(_queue.ToString(), new StoreOptions());
        Assert.Equal(8, made.CountByStatus(Cancel)["pending"]);
    }

    [Fact]
    public void A_schema_of_another_program_is_no_queue_and_left_as_it_is()
    {
        PostgresCluster.Shared.Execute(
            $"CREATE SCHEMA {_queue.Schema} AUTHORIZATION {_queue.User}; CREATE TABLE {_queue.Schema}.task (name text)");

        Assert.Throws<QueueFormatException>(() => TaskStores.Open(_queue.ToString(), Writing));

        Assert.Equal(1L, Scalar($"SELECT COUNT(*) FROM pg_tables WHERE schemaname = '{_queue.Schema}'"));
    }

    [Fact]
    public void A_newer_layout_is_refused_and_left_as_it_is()
    {
        var open = TaskStores.Open(_queue.ToString(), Writing);
        PostgresCluster.Shared.Execute($"UPDATE {_queue.Schema}.layout SET version = version + 1");

        Assert.Throws<QueueFormatException>(() => TaskStores.Open(_queue.ToString(), new StoreOptions()));
        Assert.Throws<QueueFormatException>(() => TaskStores.Open(_queue.ToString(), Writing));
        // A process that was started before the upgrade must not write to what it does not know.
        Assert.Throws<QueueFormatException>(() => open.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel));

        open.Dispose();
        Assert.Equal(0L, Scalar($"SELECT COUNT(*) FROM {_queue.Schema}.task"));
    }

    private static object? Scalar(string sql)
    {
        using var connection = PostgresCluster.Shared.Superuser.Connect();
        using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    private static void AssertUnavailable(PostgresLocation location, string named)
    {
        // At once: whoever waited for such a server would do so beyond the guard.
        var opening = Task.Run(() => TaskStores.Open(location.ToString(), Writing with { Timeout = HangGuard.Longest * 3 }), Cancel);
        Assert.True(Task.WaitAny([opening], HangGuard.Longest) == 0, "It waits for a server that will not come.");
        var error = Assert.Throws<QueueUnavailableException>(() => opening.GetAwaiter().GetResult());
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Advice);
        if (location.Password is { } password)
        {
            Assert.DoesNotContain(password, error.ToString(), StringComparison.Ordinal);
        }
    }
}
