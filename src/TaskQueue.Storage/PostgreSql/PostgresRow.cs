using Npgsql;

namespace TaskQueue.Storage;

/// <summary>The row that a reader stands on.</summary>
internal sealed class PostgresRow(NpgsqlDataReader reader) : SqlRow
{
    public override bool IsDBNull(int column) => reader.IsDBNull(column);

    public override long GetInt64(int column) => reader.GetInt64(column);

    public override double GetDouble(int column) => reader.GetDouble(column);

    public override string GetString(int column) => reader.GetString(column);

    public override object GetValue(int column) => reader.GetValue(column);

    public override Guid? GetIdentifier(int column) => reader.IsDBNull(column) ? null : reader.GetGuid(column);

    public override string GetName(int column) => reader.GetName(column);
}
