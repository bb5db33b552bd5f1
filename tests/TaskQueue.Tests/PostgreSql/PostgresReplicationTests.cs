using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Queues that another server replicates logically, such as for an upgrade without standstill.</summary>
public sealed class PostgresReplicationTests
{
    private readonly PostgresLocation _queue = PostgresCluster.Shared.NewQueue();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static StoreOptions Writing { get; } = new() { Create = true, ForWriting = true };

    [Fact]
    public void Every_table_tells_a_subscriber_which_row_is_changed()
    {
        TaskStores.Open(_queue.ToString(), Writing).Dispose();

        Assert.Equal(
            0L,
            Scalar(
                """
                SELECT count(*) FROM pg_class c WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relreplident <> 'f'
                AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = c.oid AND (i.indisprimary OR i.indisreplident))
                """));
    }

    [Theory]
    [InlineData("task", "task_seq", "seq")]
    [InlineData("operation", "operation_seq_seq", "seq")]
    [InlineData("event", "event_seq_seq", "seq")]
    [InlineData("trash", "trash_place_seq", "place")]
    public void A_sequence_behind_its_table_is_named_with_what_sets_it_right(string table, string sequence, string column)
    {
        using (var store = TaskStores.Open(_queue.ToString(), Writing))
        {
            Work(store, "a", "b");
        }

        // A subscriber has the rows, and a sequence that was never used.
        Scalar($"SELECT setval('{sequence}', 1, false)");

        var error = Assert.Throws<QueueUnavailableException>(() => TaskStores.Open(_queue.ToString(), Writing));
        Assert.Contains($"{_queue.Schema}.{sequence} is behind", error.Message, StringComparison.Ordinal);
        var remedy = $"SELECT setval('{_queue.Schema}.{sequence}', (SELECT max({column}) FROM {_queue.Schema}.{table}));";
        Assert.EndsWith(remedy, error.Advice?.ToString(), StringComparison.Ordinal);
        // Reading goes on: the rows are there.
        using (var reader = TaskStores.Open(_queue.ToString(), new StoreOptions()))
        {
            Assert.NotNull(reader.Find("a", Cancel));
        }

        Scalar(remedy);
        using var mended = TaskStores.Open(_queue.ToString(), Writing);
        Work(mended, "c");
    }

    [Fact]
    public void Who_was_connected_before_is_told_as_well()
    {
        using var store = TaskStores.Open(_queue.ToString(), Writing);
        // More than a try takes numbers.
        Work(store, [.. Enumerable.Range(1, 20).Select(number => $"task-{number}")]);
        Scalar("SELECT setval('task_seq', 1, false)");

        var error = Assert.Throws<QueueUnavailableException>(() => Work(store, "c"));

        Assert.Contains("task_seq is behind", error.Message, StringComparison.Ordinal);
        Assert.Null(store.Find("c", Cancel));
    }

    /// <summary>Leaves a row in each of the tables that are numbered, and one more that waits.</summary>
    private static void Work(ITaskStore store, params string[] ids)
    {
        store.Enqueue([.. ids.Append($"{ids[0]}-removed").Select(id => new NewTask { Id = id, Type = "work" })], Cancel);
        Assert.Equal(TaskOutcomeKind.Applied, store.Change([new CancelTask(ids[0])], Act(), Cancel)[0].Kind);
        Assert.Equal(TaskOutcomeKind.Applied, store.Change([new RemoveTask($"{ids[0]}-removed")], Act(), Cancel)[0].Kind);
    }

    private static NewOperation Act() => new() { Kind = "test", Actor = Actor.Current("Test-Command") };

    private object? Scalar(string sql)
    {
        using var connection = _queue.Connect();
        using var command = new NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
