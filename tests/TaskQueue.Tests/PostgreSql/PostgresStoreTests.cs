using System.Data.Common;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A queue in PostgreSQL keeps every promise of a store.</summary>
public sealed class PostgresStoreTests : TaskStoreContract
{
    private readonly PostgresQueues _queues = new();

    protected override ITaskStore Open(string name, TimeProvider time) =>
        TaskStores.Open(_queues[name].ToString(), new StoreOptions { Create = true, ForWriting = true, Time = time });

    protected override DbConnection Connect(string name) => _queues[name].Connect();

    [Fact]
    public void A_page_of_several_statuses_reads_no_more_than_a_page_of_each()
    {
        const int Many = 3000;
        using (var store = Open("queue", TimeProvider.System))
        {
            store.Enqueue([.. Enumerable.Range(0, Many).Select(_ => new NewTask { Type = "mail" })], CancellationToken.None);
        }

        using (var store = Open("queue", TimeProvider.System))
        {
            Assert.Single(
                store.Read(
                    new TaskQuery { Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Retry], Limit = 1 }, CancellationToken.None));
        }

        // The server counts what a session has read when that ends.
        using var connection = Connect("queue");
        long read;
        do
        {
            Thread.Sleep(50);
            using var command = connection.CreateCommand();
            command.CommandText =
                "SELECT coalesce(sum(idx_tup_fetch), 0)::bigint FROM pg_stat_user_indexes WHERE schemaname = current_schema() AND "
                    + "indexrelname = 'task_status'";
            read = (long)command.ExecuteScalar()!;
        }
        while (read == 0);
        Assert.InRange(read, 1, Many / 2);
    }
}
