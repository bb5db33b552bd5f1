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

    /// <summary>Those of the settings that transactions would like to set (<see cref="PostgresSettings"/>) which the server has.</summary>
    public required IReadOnlySet<string> KnownSettings { get; init; }

    /// <summary>Asks the server.</summary>
    /// <exception cref="QueueUnavailableException">There is a pooler which lets nobody have a transaction.</exception>
    public static PostgresAbilities Ask(NpgsqlConnection connection, string queue)
    {
        var session = SessionOf(connection);
        // A server names its own session when a connection is made. A pooler has to name something else: who cancels has to find the pooler's connection.
        var isPooled = session != connection.ProcessID || session != SessionOf(connection);
        if (isPooled)
        {
            EnsureTransactions(connection, queue);
        }

        return new PostgresAbilities
        {
            ServerVersion = connection.PostgreSqlVersion,
            IsPooled = isPooled,
            KnownSettings = KnownSettingsOf(connection),
        };
    }

    private static int SessionOf(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT pg_catalog.pg_backend_pid()", connection);
        return (int)command.ExecuteScalar()!;
    }

    private static void EnsureTransactions(NpgsqlConnection connection, string queue)
    {
        try
        {
            // Begun and not ended in the same round trip: it is such a one that a pooler in statement mode refuses.
            using var transaction = connection.BeginTransaction();
            _ = SessionOf(connection);
            transaction.Commit();
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.ProtocolViolation)
        {
            throw new QueueUnavailableException(
                $"The pooler in front of '{queue}' allows no transactions: {error.MessageText}.",
                "Set its pool mode to transaction or session for this database, or name the server itself.",
                error);
        }
    }

    private static HashSet<string> KnownSettingsOf(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT name FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) ANY($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. PostgresSettings.Names] });
        using var reader = command.ExecuteReader();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }
}
