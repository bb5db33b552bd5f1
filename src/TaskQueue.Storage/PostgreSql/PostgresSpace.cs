using Npgsql;

namespace TaskQueue.Storage;

/// <summary>What a queue takes on its server, and how unused space is made free for use again while others go on working.</summary>
/// <param name="location">Where the queue is.</param>
/// <param name="options">How it was opened.</param>
/// <param name="access">How its tables are got at.</param>
/// <param name="server">The connections, for what runs in no transaction.</param>
internal sealed class PostgresSpace(ServerLocation location, StoreOptions options, IPostgresAccess access, PostgresServer server)
{
    private const string Tables = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $schema AND c.relkind = 'r'";

    /// <summary>The tables with their indexes, in bytes.</summary>
    public long Bytes() => access.Read(
        session => session.Number(
            $"SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM {Tables}", ("$schema", location.Schema)),
            CancellationToken.None);

    /// <summary>Vacuums and analyses the tables, one after the other; false if none of them is the user's.</summary>
    public bool Reclaim(Action<double> progress, CancellationToken cancellation)
    {
        // The server would only warn, and skip what the user may not do.
        var tables = access.Read(
            session => session.Rows(
                $"SELECT c.relname FROM {Tables} AND pg_has_role(c.relowner, 'USAGE') ORDER BY c.relname", row => row.GetString(0),
                ("$schema", location.Schema)),
            cancellation);
        try
        {
            using var connection = server.OpenConnection(CancellationToken.None);
            for (var done = 0; done < tables.Count; done++)
            {
                cancellation.ThrowIfCancellationRequested();
                Vacuum(connection, $"{PostgresDialect.Quoted(location.Schema)}.{PostgresDialect.Quoted(tables[done])}", cancellation);
                progress((done + 1.0) / tables.Count);
            }
        }
        catch (Exception error) when (PostgresErrors.IsAboutServer(error))
        {
            throw PostgresErrors.Translate(error, location.Queue, options.Timeout);
        }

        return tables.Count > 0;
    }

    private void Vacuum(NpgsqlConnection connection, string table, CancellationToken cancellation)
    {
        if (server.Abilities.IsPooled)
        {
            // There, no setting outlives its transaction, and the server cannot vacuum in one: the limits of the user apply.
            Execute($"VACUUM (ANALYZE) {table}", cancellation);
            return;
        }

        // However long it takes: it hinders nobody. One batch is one transaction, in which there is no vacuuming, so these are three.
        Execute("SET statement_timeout = 0", CancellationToken.None);
        try
        {
            Execute($"VACUUM (ANALYZE) {table}", cancellation);
        }
        finally
        {
            // Also after a cancellation: others use the connection afterwards.
            Execute("RESET statement_timeout", CancellationToken.None);
        }

        void Execute(string sql, CancellationToken cancelled)
        {
            using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            command.ExecuteNonQueryAsync(cancelled).GetAwaiter().GetResult();
        }
    }
}
