using SQLitePCL;

namespace TaskQueue.Storage;

/// <summary>The statements that a connection has prepared, kept for the next time.</summary>
internal sealed class SqliteStatements(sqlite3 database) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    /// <summary>The statement of this text, with its parameters set.</summary>
    public SqliteStatement Of(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(database, sql, parameters);
            _statements.Add(sql, statement);
        }

        statement.Bind(parameters);
        return statement;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }
    }
}
