using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>Statements as they are sent: names of parameters become places, since the server knows no names.</summary>
internal static partial class PostgresStatement
{
    private static readonly ConcurrentDictionary<string, string> Placed = new(StringComparer.Ordinal);

    /// <summary>A statement with its values; an array is sent as what it is, every other value as text.</summary>
    public static NpgsqlBatchCommand Of(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!Placed.TryGetValue(sql, out var placed))
        {
            placed = Place(sql, parameters);
            Placed.TryAdd(sql, placed);
        }

        var command = new NpgsqlBatchCommand(placed);
        foreach (var (_, value) in parameters)
        {
            command.Parameters.Add(value switch
            {
                string[] texts => new NpgsqlParameter<string[]> { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                long[] numbers => new NpgsqlParameter<long[]> { TypedValue = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                _ => new NpgsqlParameter { Value = (object?)PostgresText.Of(value) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
            });
        }

        return command;
    }

    private static string Place(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (name, _) in parameters)
        {
            places.Add(name, places.Count + 1);
        }

        return Parameter().Replace(sql, match => $"${places[match.Value]}");
    }

    [GeneratedRegex("\\$[a-z_][a-z_0-9]*", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter();
}
