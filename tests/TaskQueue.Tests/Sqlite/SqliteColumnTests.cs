using System.Data.Common;
using Microsoft.Data.Sqlite;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;

namespace TaskQueue.Tests.Sqlite;

/// <summary>The columns of a queue in a SQLite file are those that are described.</summary>
public sealed class SqliteColumnTests : TaskColumnContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override string NameOf(SqlType type) => type switch
    {
        SqlType.Text => "TEXT",
        SqlType.Integer => "INTEGER",
        SqlType.Real => "REAL",
        _ => "BLOB",
    };

    protected override DbConnection ConnectToNewQueue()
    {
        TaskStores.Open(_folder["queue.db"], new StoreOptions { Create = true, ForWriting = true }).Dispose();
        var connection = new SqliteConnection($"Data Source={_folder["queue.db"]};Pooling=False");
        connection.Open();
        return connection;
    }

    protected override string ColumnsSql(string table) => $"SELECT name, type FROM pragma_table_info('{table}')";
}
