using System.Globalization;
using Microsoft.Data.Sqlite;

namespace TaskQueue.TestProcess;

/// <summary>A database as any other program uses it, without the engine.</summary>
public static class RawDatabase
{
    public static SqliteConnection Open(string path)
    {
        // 5 s is what the original's service waits for a lock.
        var text = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 };
        var connection = new SqliteConnection(text.ConnectionString);
        connection.Open();
        return connection;
    }

    public static void Execute(this SqliteConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        command.ExecuteNonQuery();
    }

    /// <summary>The rows, each value spelled as a literal of SQL, so that types show.</summary>
    public static List<Dictionary<string, string>> Rows(string path, string sql)
    {
        using var connection = Open(path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(reader.GetName, column => Literal(reader.GetValue(column))));
        }

        return rows;
    }

    private static string Literal(object value) => value switch
    {
        DBNull => "NULL",
        string text => $"'{text}'",
        byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
