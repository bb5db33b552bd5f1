using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// What a server can do, and what stands between it and this process. The server is asked once, when a queue on it is first opened.
/// </summary>
internal sealed record PostgresAbilities
{
    // Functions that are used where the server has them. A server that lacks one is taken to lack the statements of this kind too.
    private static readonly string[] Functions =
        [
            "pg_current_snapshot", "pg_current_xact_id_if_assigned", "pg_advisory_xact_lock", "pg_notify", "pg_total_relation_size",
            "pg_has_role",
        ];

    /// <summary>The version of PostgreSQL that the server is, or says it is like.</summary>
    public required Version ServerVersion { get; init; }

    /// <summary>
    /// A pooler is between: the next transaction of a connection may meet another session of the server. Also true for a pooler that keeps
    /// one session for each connection, which cannot be told apart from outside.
    /// </summary>
    public required bool IsPooled { get; init; }

    /// <summary>Those of the settings that transactions would like to set (<see cref="PostgresSettings"/>) which the server has.</summary>
    public required IReadOnlySet<string> KnownSettings { get; init; }

    /// <summary>
    /// The server speaks PostgreSQL's language, and lacks functions of its administration: it is another program, or hides them from the
    /// user. All that it may lack besides is done without: locks on tables and by number, notices, VACUUM, sizes, storage parameters, and
    /// row locks within a statement's parts.
    /// </summary>
    public required bool IsPlain { get; init; }

    /// <summary>Asks the server.</summary>
    /// <exception cref="QueueUnavailableException">There is a pooler which lets nobody have a transaction.</exception>
    public static PostgresAbilities Ask(NpgsqlConnection connection, string queue)
    {
        var session = SessionOf(connection);
        var (later, settings) = SessionAndSettingsOf(connection);
        // A server names its own session when a connection is made. A pooler names something else, since a cancellation has to find the
        // pooler's connection.
        var isPooled = session != connection.ProcessID || session != later;
        if (isPooled)
        {
            EnsureTransactions(connection, queue);
        }

        return new PostgresAbilities
        {
            ServerVersion = connection.PostgreSqlVersion,
            IsPooled = isPooled,
            KnownSettings = settings,
            IsPlain = !KnowsFunctions(connection),
        };
    }

    private static bool KnowsFunctions(NpgsqlConnection connection)
    {
        try
        {
            using var command = new NpgsqlCommand(
                """
                SELECT count(DISTINCT p.proname) FROM pg_catalog.pg_proc AS p
                JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace
                WHERE n.nspname OPERATOR(pg_catalog.=) 'pg_catalog' AND p.proname OPERATOR(pg_catalog.=) ANY($1)
                    AND pg_catalog.has_function_privilege(p.oid, 'EXECUTE')
                """,
                connection);
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = Functions });
            return (long)command.ExecuteScalar()! == Functions.Length;
        }
        catch (PostgresException error) when (!PostgresErrors.IsConnectionLost(error))
        {
            // A server that cannot be asked that is another program.
            return false;
        }
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
            // Begun and not ended in the same round trip: a pooler in statement mode refuses exactly that.
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

    private static (int Session, HashSet<string> Settings) SessionAndSettingsOf(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            "SELECT pg_catalog.pg_backend_pid(), name FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=) ANY($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. PostgresSettings.Names] });
        using var reader = command.ExecuteReader();
        var (session, names) = (0, new HashSet<string>(StringComparer.Ordinal));
        while (reader.Read())
        {
            session = reader.GetInt32(0);
            names.Add(reader.GetString(1));
        }

        return (session, names);
    }
}
