using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.PostgreSql;

public sealed class PostgresHistoryTests : RandomHistoryContract
{
    protected override int Histories => 40;

    protected override ITaskStore OpenNew(TimeProvider time) => TaskStores.Open(
        PostgresCluster.Shared.NewQueueLocation(), new StoreOptions { Create = true, ForWriting = true, Time = time });
}
