using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace TaskQueue.Storage.Sqlite;

/// <summary>The statements that a connection has prepared, kept for the next time.</summary>
internal sealed class SqliteStatements(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    /// <summary>The statement of this text, with its parameters set in the order of their names in the text.</summary>
    public DbCommand Of(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            _commands.Add(sql, command);
        }

        for (var index = 0; index < parameters.Length; index++)
        {
            var (name, value) = parameters[index];
            if (command.Parameters.Count <= index)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                command.Parameters.Add(parameter);
            }

            command.Parameters[index].Value = Stored(value);
        }

        return command;
    }

    public void Dispose()
    {
        foreach (var command in _commands.Values)
        {
            command.Dispose();
        }
    }

    // An identifier is 16 bytes, in the order it is written in.
    private static object Stored(object? value) => value switch
    {
        null => DBNull.Value,
        Guid identifier => identifier.ToByteArray(bigEndian: true),
        _ => value,
    };
}
