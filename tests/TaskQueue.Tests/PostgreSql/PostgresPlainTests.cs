using System.Collections.Concurrent;
using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>What is done in another way on a server that only speaks PostgreSQL's language.</summary>
public sealed class PostgresPlainTests : IDisposable
{
    private readonly PostgresLocation _queue = PlainServer.NewQueue();
    private readonly List<ITaskStore> _opened = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _opened.ForEach(store => store.Dispose());

    [Fact]
    public void A_server_that_lacks_functions_is_found_out_and_one_that_has_them_is_not()
    {
        Assert.Equal(QueueNews.Polling, Open().Info.News);
        Assert.True(AbilitiesOf(_queue).IsPlain);
        Assert.False(AbilitiesOf(PostgresCluster.Shared.NewQueue()).IsPlain);
    }

    [Fact]
    public void A_function_that_the_user_may_not_call_is_not_there()
    {
        using var cluster = PostgresCluster.Start();
        cluster.Execute("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_current_snapshot() FROM PUBLIC");
        var queue = cluster.NewQueue();

        Assert.True(AbilitiesOf(queue).IsPlain);
        using var store = TaskStores.Open(queue.ToString(), Writing());
        store.Enqueue([new NewTask { Type = "work" }], Cancel);
        Assert.Single(Claim(store));
    }

    [Fact]
    public void Those_who_make_the_same_queue_at_once_make_one()
    {
        var stores = new ConcurrentBag<ITaskStore>();

        Parallel.For(
            0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = Cancel },
            _ => stores.Add(TaskStores.Open(_queue.ToString(), Writing())));

        _opened.AddRange(stores);
        Assert.All(stores, store => Assert.Equal(PostgresSchema.Current.Newest, store.Info.SchemaVersion));
        Assert.Equal(1L, Scalar("SELECT count(*) FROM layout"));
    }

    [Fact]
    public void Those_who_upgrade_the_same_queue_at_once_upgrade_it_once()
    {
        using var backups = new TemporaryFolder();
        Open();
        var later = new LayoutVersions(
            [.. PostgresSchema.Current.Steps, new LayoutStep("CREATE TABLE extra (x bigint)", "ALTER TABLE extra SET (fillfactor = 70)")]);

        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, _ =>
            new PostgresOpening(ServerLocation.Parse(_queue.ToString()), Writing(), later, backups.Path).Open().Dispose());

        Assert.Equal((long)LayoutVersions.StoredNumber(later.Newest), Scalar("SELECT max(version)::bigint FROM layout"));
        Assert.Single(Directory.GetFiles(backups.Path));
        Assert.Equal(
            0L, Scalar("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND reloptions IS NOT NULL"));
    }

    [Fact]
    public void Its_tables_have_no_storage_parameters()
    {
        Open();

        Assert.Equal(
            0L, Scalar("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND reloptions IS NOT NULL"));
    }

    [Fact]
    public void A_commit_leaves_a_receipt_only_if_something_was_written()
    {
        var store = Open();
        var receipts = Receipts();

        Assert.Empty(Claim(store));
        Assert.Equal(receipts, Receipts());

        store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        Assert.True(Receipts() > receipts);
    }

    [Fact]
    public void A_change_by_another_process_is_seen_by_looking()
    {
        var store = Open();
        using var told = new ManualResetEventSlim();
        using var watch = store.Watch(told.Set);

        Open().Enqueue([new NewTask { Type = "work" }], Cancel);

        Assert.True(told.Wait(HangGuard.Longest, Cancel));
    }

    [Fact]
    public void Expired_history_goes_and_the_server_is_left_to_see_to_its_space()
    {
        var result = Open().Optimize(new HistoryRetention(), _ => { }, Cancel);

        Assert.Equal((false, 0L, 0L), (result.IsReclaimed, result.BytesBefore, result.BytesAfter));
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void Several_who_claim_many_types_at_once_claim_each_task_once()
    {
        string[] types = [.. Enumerable.Range(0, 5).Select(number => $"type-{number}")];
        Open().Enqueue([.. Enumerable.Range(0, 300).Select(number => new NewTask { Type = types[number % types.Length] })], Cancel);
        ITaskStore[] stores = [.. Enumerable.Range(0, 4).Select(_ => Open())];
        var claimed = new ConcurrentBag<QueueTask>();

        Parallel.ForEach(stores, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Cancel }, store =>
        {
            while (Claim(store, 7, types) is { Count: > 0 } tasks)
            {
                Assert.All(tasks, claimed.Add);
            }
        });

        Assert.Equal(300, claimed.Select(task => task.Id).Distinct().Count());
        Assert.Equal(300, claimed.Count);
    }

    private static StoreOptions Writing() => new() { Create = true, ForWriting = true };

    private ITaskStore Open()
    {
        var store = TaskStores.Open(_queue.ToString(), Writing());
        _opened.Add(store);
        return store;
    }

    private static IReadOnlyList<QueueTask> Claim(ITaskStore store, int count = 1, params string[] types) => store.Claim(
        new ClaimRequest
        {
            Types = types.Length == 0 ? ["work"] : types,
            Tokens = ClaimRequest.NewTokens(count),
            Worker = "tester:1",
            LeaseTime = TimeSpan.FromMinutes(1),
        },
        Cancel);

    private static PostgresAbilities AbilitiesOf(PostgresLocation location)
    {
        using var connection = (location with { Schema = null }).Connect();
        return PostgresAbilities.Ask(connection, "queue");
    }

    private long Receipts() => Scalar("SELECT coalesce(sum(number), 0)::bigint FROM receipt");

    private long Scalar(string sql)
    {
        using var connection = _queue.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return (long)command.ExecuteScalar()!;
    }
}
