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

    /// <summary>The columns before the key whose values are not written: a row is changed only if it has them.</summary>
    public IReadOnlyList<SqlColumn> Expected { get; private init; } = [];

    /// <summary>The columns that are written.</summary>
    public IEnumerable<SqlColumn> Written => Columns.SkipLast(Expected.Count + (Key is null ? 0 : 1));

    /// <summary>What stands before and behind the statement itself.</summary>
    public (string Begin, string End) Around { get; private init; }

    /// <summary>The statement for one row, with a parameter for each column. A row that is changed is called <c>present</c>.</summary>
    public string Text { get; }

    /// <summary>Adds rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns that are not to have their default.</param>
    /// <param name="end">What follows the rows, such as what to do where one is there already.</param>
    public static RowStatement Insert(string table, IReadOnlyList<SqlColumn> columns, string end = "") => Insert(table, columns, ("", end));

    /// <summary>Adds rows.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">The columns that are not to have their default.</param>
    /// <param name="around">See <see cref="Around"/>.</param>
    public static RowStatement Insert(string table, IReadOnlyList<SqlColumn> columns, (string Begin, string End) around) => new(
        table,
        columns,
        $"{around.Begin}INSERT INTO {table} ({string.Join(", ", columns.Select(column => column.Name))}) "
            + $"VALUES ({string.Join(", ", columns.Select(column => column.Parameter))}) {around.End}")
    {
        Around = around,
    };

    /// <summary>Changes columns of rows.</summary>
    public static RowStatement Update(string table, IReadOnlyList<SqlColumn> columns, SqlColumn key) =>
        Update(table, columns, [], key, ("", ""));

    /// <summary>Changes columns of rows that are as they are expected to be.</summary>
    /// <param name="table">The table.</param>
    /// <param name="columns">What is written.</param>
    /// <param name="expected">See <see cref="Expected"/>; their parameters are not those of the written columns.</param>
    /// <param name="key">See <see cref="Key"/>.</param>
    /// <param name="around">See <see cref="Around"/>, such as what is to be returned of the rows that were changed.</param>
    public static RowStatement Update(
        string table, IReadOnlyList<SqlColumn> columns, IReadOnlyList<SqlColumn> expected, SqlColumn key,
        (string Begin, string End) around) => new(
        table,
        [.. columns, .. expected, key],
        $"{around.Begin}UPDATE {table} AS present SET {Equal(columns, ", ")} WHERE {Equal([.. expected, key], " AND ")} {around.End}")
    {
        Expected = expected,
        Key = key,
        Around = around,
    };

    private static string Equal(IEnumerable<SqlColumn> columns, string between) =>
        string.Join(between, columns.Select(column => $"{column.Name} = {column.Parameter}"));
}
