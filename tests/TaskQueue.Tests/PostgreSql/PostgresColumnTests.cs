using System.Data.Common;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>The columns of a queue on a server are those that are described.</summary>
public sealed class PostgresColumnTests : TaskColumnContract
{
    protected override IReadOnlyList<string> KeysOf(string table) => table == "trash" ? ["place"] : [];

    private protected override string NameOf(SqlType type) => type switch
    {
        SqlType.Text => "text",
        SqlType.Integer => "bigint",
        SqlType.Real => "double precision",
        _ => "uuid",
    };

    protected override DbConnection ConnectToNewQueue()
    {
        var queue = PostgresCluster.Shared.NewQueue();
        TaskStores.Open(queue.ToString(), new StoreOptions { Create = true, ForWriting = true }).Dispose();
        return queue.Connect();
    }

    protected override string ColumnsSql(string table) =>
        $"SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = '{table}'";
}
