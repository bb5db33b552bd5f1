using Npgsql;

namespace TaskQueue.TestPostgres;

/// <summary>A queue's place on a server, as users write it.</summary>
public sealed record PostgresLocation
{
    public string Host { get; init; } = "127.0.0.1";

    public required int Port { get; init; }

    public required string Database { get; init; }

    public required string User { get; init; }

    /// <summary>Null: the location names none.</summary>
    public string? Password { get; init; }

    /// <summary>Null: the location names none.</summary>
    public string? Schema { get; init; }

    /// <summary>More of the URI's query, such as <c>connect_timeout=2</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>Reads a URI, or an Npgsql connection string.</summary>
    public static PostgresLocation Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("postgresql" or "postgres"))
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            return new()
            {
                Host = settings.Host!, Port = settings.Port, Database = settings.Database ?? "postgres", User = settings.Username!,
                Password = settings.Password,
            };
        }

        var user = uri.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString).ToArray();
        return new()
        {
            Host = uri.Host,
            Port = uri.Port < 0 ? NpgsqlConnection.DefaultPort : uri.Port,
            Database = uri.AbsolutePath is { Length: > 1 } path ? Uri.UnescapeDataString(path[1..]) : "postgres",
            User = user[0],
            Password = user.ElementAtOrDefault(1),
        };
    }

    /// <summary>The same as an Npgsql connection string.</summary>
    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = Host, Port = Port, Database = Database, Username = User, Password = Password, SearchPath = Schema,
    }.ConnectionString;

    /// <summary>A connection of the test's own, in the queue's schema.</summary>
    public NpgsqlConnection Connect()
    {
        var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>The URI.</summary>
    public override string ToString()
    {
        var password = Password is null ? "" : $":{Uri.EscapeDataString(Password)}";
        string[] query = [.. Schema is null ? [] : new[] { $"schema={Uri.EscapeDataString(Schema)}" }, .. Settings];
        return $"postgresql://{Uri.EscapeDataString(User)}{password}@{Host}{(Port == 0 ? "" : $":{Port}")}"
            + $"/{Uri.EscapeDataString(Database)}{(query.Length == 0 ? "" : "?" + string.Join('&', query))}";
    }
}
