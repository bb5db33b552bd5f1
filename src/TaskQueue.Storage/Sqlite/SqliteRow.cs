using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>The row that a prepared statement stands on.</summary>
/// <param name="statement">The statement, which outlives this.</param>
internal sealed class SqliteRow(sqlite3_stmt statement) : SqlRow
{
    private const int IdentifierBytes = 16;

    private readonly IntPtr _statement = statement.DangerousGetHandle();

    public override bool IsDBNull(int column) => NativeMethods.ColumnType(_statement, column) == raw.SQLITE_NULL;

    public override long GetInt64(int column) => NativeMethods.ColumnInt64(_statement, column);

    public override double GetDouble(int column) => NativeMethods.ColumnDouble(_statement, column);

    public override string GetString(int column) =>
        NativeMethods.ColumnText(_statement, column) ?? throw new InvalidCastException($"The column '{GetName(column)}' is NULL.");

    public override object GetValue(int column) => NativeMethods.ColumnType(_statement, column) switch
    {
        raw.SQLITE_INTEGER => GetInt64(column),
        raw.SQLITE_FLOAT => GetDouble(column),
        raw.SQLITE_TEXT => GetString(column),
        raw.SQLITE_BLOB => NativeMethods.ColumnBlob(_statement, column).ToArray(),
        _ => DBNull.Value,
    };

    public override Guid? GetIdentifier(int column) =>
        NativeMethods.ColumnType(_statement, column) == raw.SQLITE_BLOB
            && NativeMethods.ColumnBlob(_statement, column) is { Length: IdentifierBytes } bytes
            ? new Guid(bytes, bigEndian: true)
            : null;

    public override string GetName(int column) => raw.sqlite3_column_name(statement, column).utf8_to_string();
}
