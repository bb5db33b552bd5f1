using TaskQueue.Storage;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteHistoryTests : RandomHistoryContract
{
    protected override int Histories => 150;

    protected override ITaskStore OpenNew(TimeProvider time) => TaskStores.Open(
        Folder[$"{Guid.NewGuid():N}.db"], new StoreOptions { Create = true, ForWriting = true, Durability = Durability.Normal, Time = time });
}
