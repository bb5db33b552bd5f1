namespace TaskQueue.Storage;

/// <summary>A statement that is run for one row after another: a database may run it once for many of them.</summary>
internal sealed class RowStatement
{
    private RowStatement(string table, IReadOnlyList<SqlColumn> columns, string text)
    {
        Table = table;
        Columns = columns;
        Text = text;
    }

    public string Table { get; }

    /// <summary>What is written of a row, in the order in which its values are given.</summary>
    public IReadOnlyList<SqlColumn> Columns { get; }

    /// <summary>The last of the columns, if it tells which row is to be changed; null where rows are added.</summary>
    public SqlColumn? Key { get; private init; }

    /// <summary>What follows the rows that are added.</summary>
    public string End { get; private init; } = "";

    /// <summary>The statement for one row, with a parameter for each column.</summary>
    public string Text { get; }

    /// <summary>Adds rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns that are not to have their default.</param>
    /// <param name="end">What follows the rows, such as what to do where one is there already.</param>
    public static RowStatement Insert(string table, IReadOnlyList<SqlColumn> columns, string end = "") => new(
        table,
        columns,
        $"INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Name))}) "
            + $"VALUES ({string.Join(", ", columns.Select(column => column.Parameter))}) {end}")
    {
        End = end,
    };

    /// <summary>Changes columns of rows.</summary>
    public static RowStatement Update(string table, IReadOnlyList<SqlColumn> columns, SqlColumn key) => new(
        table,
        [.. columns, key],
        $"UPDATE {table} SET {string.Join(", ", columns.Select(column => $"{column.Name} = {column.Parameter}"))} "
            + $"WHERE {key.Name} = {key.Parameter}")
    {
        Key = key,
    };
}
