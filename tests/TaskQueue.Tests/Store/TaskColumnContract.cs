using System.Data.Common;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Store;

/// <summary>The columns that <see cref="TaskColumns"/> describes are those that the layout makes.</summary>
public abstract class TaskColumnContract
{
    // The columns of each table beside those of a task. Their order is the layout's affair.
    private static readonly Dictionary<string, TableColumn[]> Others = new()
    {
        ["task"] = [Column("seq")],
        ["trash"] = [Column("seq"), Column("removed_at"), Column("operation")],
    };

    /// <summary>The keys that this database needs in a table beside the task's own.</summary>
    protected virtual IReadOnlyList<string> KeysOf(string table) => [];

    /// <summary>The name of a type in this database.</summary>
    private protected abstract string NameOf(SqlType type);

    /// <summary>Makes a queue and connects to it.</summary>
    protected abstract DbConnection ConnectToNewQueue();

    /// <summary>Two columns: the names and types of the columns of a table.</summary>
    protected abstract string ColumnsSql(string table);

    [Theory]
    [InlineData("task")]
    [InlineData("trash")]
    public void A_new_queue_has_the_columns_that_are_described(string table)
    {
        using var connection = ConnectToNewQueue();

        Assert.Empty(Differences(connection, table));
    }

    [Theory]
    [InlineData("task")]
    [InlineData("trash")]
    public void A_column_that_is_not_described_is_found(string table)
    {
        using var connection = ConnectToNewQueue();
        Execute(connection, $"ALTER TABLE {table} ADD COLUMN tenant {NameOf(SqlType.Text)}");

        Assert.Equal([$"tenant {NameOf(SqlType.Text)} is not described"], Differences(connection, table));
    }

    [Theory]
    [InlineData("task")]
    [InlineData("trash")]
    public void A_described_column_that_is_missing_or_of_another_type_is_found(string table)
    {
        using var connection = ConnectToNewQueue();
        Execute(connection, $"ALTER TABLE {table} RENAME COLUMN worker TO owner");
        Execute(connection, $"ALTER TABLE {table} DROP COLUMN progress");
        Execute(connection, $"ALTER TABLE {table} ADD COLUMN progress {NameOf(SqlType.Text)}");

        HashSet<string> expected =
        [
            $"owner {NameOf(SqlType.Text)} is not described",
            $"worker {NameOf(SqlType.Text)} is missing",
            $"progress {NameOf(SqlType.Text)} is not described",
            $"progress {NameOf(SqlType.Real)} is missing",
        ];
        Assert.Equal(expected, Differences(connection, table));
    }

    private static TableColumn Column(string name, SqlType type = SqlType.Integer) => new(name, type);

    private HashSet<string> Differences(DbConnection connection, string table)
    {
        var described = TaskColumns.All
            .Select(column => Column(column.Sql.Name, column.Sql.Type))
            .Concat(Others[table])
            .Concat(KeysOf(table).Select(key => Column(key)))
            .Select(column => $"{column.Name} {NameOf(column.Type)}")
            .ToHashSet();
        using var command = connection.CreateCommand();
        command.CommandText = ColumnsSql(table);
        using var reader = command.ExecuteReader();
        HashSet<string> found = [];
        while (reader.Read())
        {
            Assert.True(found.Add($"{reader.GetString(0)} {reader.GetString(1)}"));
        }

        return
        [
            .. found.Except(described).Select(column => $"{column} is not described")
                .Concat(described.Except(found).Select(column => $"{column} is missing")),
        ];
    }

    private static void Execute(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private readonly record struct TableColumn(string Name, SqlType Type);
}
