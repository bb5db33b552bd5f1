using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>What a server can do, and what stands between it and this process. The server is asked once, when a queue on it is first opened.</summary>
internal sealed record PostgresAbilities
{
    /// <summary>The version of PostgreSQL that the server is, or says it is like.</summary>
    public required Version ServerVersion { get; init; }

    /// <summary>
    /// A pooler is between: the next transaction of a connection may meet another session of the server. Also true for a pooler that keeps one session
    /// for each connection, which cannot be told apart from outside.
    /// </summary>
    public required bool IsPooled { get; init; }

    /// <summary>Asks the server.</summary>
    public static PostgresAbilities Ask(NpgsqlConnection connection)
    {
        var session = SessionOf(connection);
        return new PostgresAbilities
        {
            ServerVersion = connection.PostgreSqlVersion,
            // A server names its own session when a connection is made. A pooler has to name something else: who cancels has to find the pooler's connection.
            IsPooled = session != connection.ProcessID || session != SessionOf(connection),
        };
    }

    private static int SessionOf(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT pg_catalog.pg_backend_pid()", connection);
        return (int)command.ExecuteScalar()!;
    }
}
