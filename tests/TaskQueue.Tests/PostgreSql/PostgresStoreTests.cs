using System.Data.Common;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A queue in PostgreSQL keeps every promise of a store.</summary>
public sealed class PostgresStoreTests : TaskStoreContract
{
    private readonly PostgresQueues _queues = new();

    protected override ITaskStore Open(string name, TimeProvider time) =>
        TaskStores.Open(_queues[name].ToString(), new StoreOptions { Create = true, ForWriting = true, Time = time });

    protected override DbConnection Connect(string name) => _queues[name].Connect();
}
