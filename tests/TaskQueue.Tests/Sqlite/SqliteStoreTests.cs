using System.Data.Common;
using Microsoft.Data.Sqlite;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.Sqlite;

/// <summary>The native layout in SQLite keeps every promise of a store.</summary>
public sealed class SqliteStoreTests : TaskStoreContract
{
    protected override ITaskStore Open(string name, TimeProvider time) =>
        TaskStores.Open(Folder[$"{name}.db"], new StoreOptions { Create = true, ForWriting = true, Time = time });

    protected override DbConnection Connect(string name)
    {
        var connection = new SqliteConnection($"Data Source={Folder[$"{name}.db"]};Pooling=False");
        connection.Open();
        return connection;
    }
}
