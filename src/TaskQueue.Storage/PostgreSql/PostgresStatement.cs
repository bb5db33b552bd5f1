using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Npgsql;
using NpgsqlTypes;

namespace TaskQueue.Storage;

/// <summary>Statements as they are sent: names of parameters become places, since the server knows no names.</summary>
internal static partial class PostgresStatement
{
    private static readonly ConcurrentDictionary<string, string> Placed = new(StringComparer.Ordinal);

    // The same statements for many rows, whose values come as an array for each column.
    private static readonly ConcurrentDictionary<string, string> OverArrays = new(StringComparer.Ordinal);

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
                string[] texts => Array(NpgsqlDbType.Text, texts),
                long[] numbers => Array(NpgsqlDbType.Bigint, numbers),
                _ => new NpgsqlParameter { Value = (object?)PostgresText.Of(value) ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
            });
        }

        return command;
    }

    /// <summary>A statement for many rows, or in its plain form for one.</summary>
    public static NpgsqlBatchCommand Of(RowStatement statement, IReadOnlyList<(string Name, object? Value)[]> rows)
    {
        if (rows is [var only])
        {
            return Of(statement.Text, only);
        }

        var command = new NpgsqlBatchCommand(OverArrays.GetOrAdd(statement.Text, _ => OverArraysOf(statement)));
        for (var index = 0; index < statement.Columns.Count; index++)
        {
            var values = rows.Select(row => row[index].Value);
            command.Parameters.Add(statement.Columns[index].Type switch
            {
                SqlType.Text => Array(NpgsqlDbType.Text, values.Select(PostgresText.Of)),
                SqlType.Integer =>
                    Array(
                        NpgsqlDbType.Bigint,
                        values.Select(value => value is null ? (long?)null : Convert.ToInt64(value, CultureInfo.InvariantCulture))),
                SqlType.Real => Array(NpgsqlDbType.Double, values.Select(value => (double?)value)),
                SqlType.Identifier => Array(NpgsqlDbType.Uuid, values.Select(value => (Guid?)value)),
                var other => throw new ArgumentException($"No column is a {other}.", nameof(statement)),
            });
        }

        return command;
    }

    private static NpgsqlParameter<T[]> Array<T>(NpgsqlDbType type, IEnumerable<T> values) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };

    private static string OverArraysOf(RowStatement statement)
    {
        var names = string.Join(", ", statement.Columns.Select(Given));
        var rows = $"unnest({string.Join(", ", statement.Columns.Select((_, index) => $"${index + 1}"))}) AS given ({names})";
        if (statement.Key is not { } key)
        {
            return $"{statement.Around.Begin}INSERT INTO {statement.Table} ({names}) SELECT {names} FROM {rows} {statement.Around.End}";
        }

        var changes = string.Join(", ", statement.Written.Select(column => $"{column.Name} = given.{Given(column)}"));
        var conditions = string.Concat(
            statement.Expected.Select(column => $" AND present.{column.Name} = given.{Given(column)}"));
        // The keys again, by themselves: otherwise a plan that was made while the table was small may begin with all of its rows.
        return $"{statement.Around.Begin}UPDATE {statement.Table} AS present "
            + $"SET {changes} FROM {rows} WHERE present.{key.Name} = given.{Given(key)} "
            + $"AND present.{key.Name} = ANY(${statement.Columns.Count}){conditions} {statement.Around.End}";

        // The name of its parameter: a column may be given twice, as it was and as it is to be.
        static string Given(SqlColumn column) => column.Parameter[1..];
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
