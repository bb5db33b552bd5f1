using SQLitePCL;

namespace TaskQueue.Storage.Sqlite;

/// <summary>The row that a prepared statement stands on.</summary>
internal sealed class SqliteRow(sqlite3_stmt statement) : SqlRow
{
    private const int IdentifierBytes = 16;

    public override bool IsDBNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public override long GetInt64(int column) => raw.sqlite3_column_int64(statement, column);

    public override double GetDouble(int column) => raw.sqlite3_column_double(statement, column);

    public override string GetString(int column) =>
        raw.sqlite3_column_text(statement, column).utf8_to_string() ?? throw new InvalidCastException($"The column '{GetName(column)}' is NULL.");

    public override object GetValue(int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_INTEGER => GetInt64(column),
        raw.SQLITE_FLOAT => GetDouble(column),
        raw.SQLITE_TEXT => GetString(column),
        raw.SQLITE_BLOB => raw.sqlite3_column_blob(statement, column).ToArray(),
        _ => DBNull.Value,
    };

    public override Guid? GetIdentifier(int column) =>
        raw.sqlite3_column_type(statement, column) == raw.SQLITE_BLOB && raw.sqlite3_column_blob(statement, column) is { Length: IdentifierBytes } bytes
            ? new Guid(bytes, bigEndian: true)
            : null;

    public override string GetName(int column) => raw.sqlite3_column_name(statement, column).utf8_to_string();
}
