using System.Data.Common;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// A queue keeps every promise of a store behind a pooler too, which gives each transaction another session of the server.
/// </summary>
public sealed class PostgresPooledStoreTests : TaskStoreContract
{
    private readonly PostgresQueues _queues = new();

    protected override ITaskStore Open(string name, TimeProvider time) => TaskStores.Open(
        PostgresPooler.Shared.Before(_queues[name]).ToString(), new StoreOptions { Create = true, ForWriting = true, Time = time });

    protected override DbConnection Connect(string name) => _queues[name].Connect();
}
