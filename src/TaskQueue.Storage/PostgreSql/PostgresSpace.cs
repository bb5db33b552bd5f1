using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>What a queue takes on its server, and how unused space is made free for use again while others go on working.</summary>
internal sealed class PostgresSpace(ServerLocation location, StoreOptions options, PostgresServer server)
{
    private const string Tables = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'";

    /// <summary>The tables with their indexes, in bytes.</summary>
    public long Bytes() => Using(connection => (long)Command(connection, $"SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM {Tables}").ExecuteScalar()!);

    /// <summary>Vacuums and analyses the tables, one after the other; false if none of them is the user's.</summary>
    public bool Reclaim(Action<double> progress, CancellationToken cancellation) => Using(connection =>
    {
        var tables = new List<string>();
        // The server would only warn, and leave out what the user may not do.
        using (var reader = Command(connection, $"SELECT c.relname FROM {Tables} AND pg_has_role(c.relowner, 'USAGE') ORDER BY c.relname").ExecuteReader())
        {
            while (reader.Read())
            {
                tables.Add($"{PostgresDialect.Quoted(location.Schema)}.{PostgresDialect.Quoted(reader.GetString(0))}");
            }
        }

        for (var done = 0; done < tables.Count; done++)
        {
            cancellation.ThrowIfCancellationRequested();
            Vacuum(connection, tables[done], cancellation);
            progress((done + 1.0) / tables.Count);
        }

        return tables.Count > 0;
    });

    private static void Vacuum(NpgsqlConnection connection, string table, CancellationToken cancellation)
    {
        // However long it takes: it hinders nobody. One batch is one transaction, in which there is no vacuuming, so these are three.
        Execute("SET statement_timeout = 0", CancellationToken.None);
        try
        {
            Execute($"VACUUM (ANALYZE) {table}", cancellation);
        }
        finally
        {
            // Also when it was cancelled: others use the connection after it.
            Execute("RESET statement_timeout", CancellationToken.None);
        }

        void Execute(string sql, CancellationToken cancelled)
        {
            using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            command.ExecuteNonQueryAsync(cancelled).GetAwaiter().GetResult();
        }
    }

    private NpgsqlCommand Command(NpgsqlConnection connection, string sql)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = location.Schema });
        return command;
    }

    private T Using<T>(Func<NpgsqlConnection, T> work)
    {
        try
        {
            using var connection = server.OpenConnection(CancellationToken.None);
            return work(connection);
        }
        catch (Exception error) when (PostgresErrors.IsAboutServer(error))
        {
            throw PostgresErrors.Translate(error, location.Queue, options.Timeout);
        }
    }
}
