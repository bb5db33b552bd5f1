using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Queues behind a pooler, which gives its clients' transactions to whatever session of the server is free.</summary>
public sealed class PostgresPoolerTests : PostgresTestBase
{
    private static readonly string[] SettingNames =
    [
        "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "search_path", "enable_seqscan", "enable_bitmapscan",
        "jit", "synchronous_commit",
    ];

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public void A_pooler_is_found_out_and_changes_are_looked_for(string mode)
    {
        using var pooler = PostgresPooler.Start(Cluster, mode, connections: 8);
        using var pooled = TaskStores.Open(pooler.Before(Queue).ToString(), Writing);
        using var direct = TaskStores.Open(Queue.ToString(), Writing);
        Assert.Equal((QueueNews.Polling, QueueNews.Listening), (pooled.Info.News, direct.Info.News));

        using var told = new ManualResetEventSlim();
        using var watch = pooled.Watch(told.Set);
        Enqueue(direct, "a");

        Assert.True(told.Wait(HangGuard.Longest, Cancel));
        Assert.Equal(0L, Scalar(pooler.Before(Queue), "SELECT count(*) FROM pg_listening_channels()"));
    }

    [Fact]
    public void Many_clients_share_one_session_of_the_server()
    {
        const int Clients = 4, TasksEach = 30;
        using var pooler = PostgresPooler.Start(Cluster, "transaction", connections: 1);
        var location = pooler.Before(Queue).ToString();
        var stores = Enumerable.Range(0, Clients).Select(_ => Own(TaskStores.Open(location, Writing))).ToList();

        using (OnThreads(
            Clients, number => Enqueue(stores[number], [.. Enumerable.Range(0, TasksEach).Select(task => $"{number}-{task}")])))
        {
            // Until all are there.
        }

        using (OnThreads(Clients, number =>
        {
            while (stores[number].Claim(Request(), Cancel) is [var claimed])
            {
                Assert.Equal(
                    TaskOutcomeKind.Applied, Change(stores[number], new CompleteTask(claimed.Id, claimed.ClaimToken!.Value, "1")).Kind);
            }
        }))
        {
            // Until none is left.
        }

        Assert.Equal(Clients * TasksEach, stores[0].CountByStatus(Cancel)["success"]);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public void Settings_hold_in_each_transaction_and_are_left_to_nobody_else(string mode)
    {
        using var pooler = PostgresPooler.Start(Cluster, mode, connections: 1);
        var location = pooler.Before(Queue);
        using (var store = (SqlTaskStore)TaskStores.Open(
            location.ToString(), Writing with { Timeout = TimeSpan.FromSeconds(77), Durability = Durability.Normal }))
        {
            Assert.Equal(["77s", "77s", "77s", "pg_catalog", "off", "off", "off", "off"], store.WriteWith(Settings, Cancel));
            Assert.Equal(["77s", "77s", "77s", "pg_catalog", "off", "off", "off", "off"], store.ReadWith(Settings, Cancel));
        }

        Assert.Equal(
            ["0", "0", "0", "\"$user\", public", "on", "on", "on", "on"],
            SettingNames.Select(setting => (string)Scalar(location, $"SHOW {setting}")!));

        static List<string> Settings(SqlSession session) => [.. SettingNames.Select(setting => session.Text($"SHOW {setting}")!)];
    }

    [Fact]
    public void A_pooler_in_statement_mode_is_refused_by_what_it_is()
    {
        using var pooler = PostgresPooler.Start(Cluster, "statement", connections: 2);

        var error = Assert.Throws<QueueUnavailableException>(() => TaskStores.Open(pooler.Before(Queue).ToString(), Writing));

        Assert.Contains("pooler", error.Message, StringComparison.Ordinal);
        Assert.Contains("mode to transaction or session", error.Advice?.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session")]
    [InlineData("transaction")]
    public void A_queue_is_optimized_and_backed_up_through_a_pooler(string mode)
    {
        using var folder = new Store.TemporaryFolder();
        using var pooler = PostgresPooler.Start(Cluster, mode, connections: 4);
        using var store = TaskStores.Open(pooler.Before(Queue).ToString(), Writing);
        Enqueue(store, "a", "b");

        Assert.True(store.Optimize(new HistoryRetention(), _ => { }, Cancel).IsReclaimed);
        Assert.Equal(2, store.Backup(new BackupRequest(Path.Combine(folder.Path, "copy.db")), Cancel).Tasks);
    }

    private static object? Scalar(PostgresLocation location, string sql)
    {
        // A pooler takes no schema with a connection.
        using var connection = (location with { Schema = null }).Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
