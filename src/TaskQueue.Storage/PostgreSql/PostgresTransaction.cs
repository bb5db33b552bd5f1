using System.Data.Common;
using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>A transaction as the server can be asked for it later.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Timeline">The server's history: after a failover a number may come again in another one.</param>
internal sealed record PostgresTransaction(string Number, string Timeline)
{
    /// <summary>Two columns, without a number before the first write. Cheap: it is asked with each transaction.</summary>
    public const string Sql = "SELECT pg_current_xact_id_if_assigned()::text, left(pg_walfile_name(pg_current_wal_lsn()), 8)";

    /// <summary>Reads a row of <see cref="Sql"/>; null if nothing was written yet.</summary>
    public static PostgresTransaction? Read(DbDataReader row) => row.IsDBNull(0) ? null : new PostgresTransaction(row.GetString(0), row.GetString(1));

    /// <summary>Asks what became of it: true if it was committed, false if not, null if it still runs.</summary>
    /// <exception cref="QueueUnavailableException">The server cannot tell.</exception>
    public bool? WasCommitted(NpgsqlConnection connection, string queue)
    {
        using var command = new NpgsqlCommand("SELECT pg_xact_status($1::xid8), left(pg_walfile_name(pg_current_wal_lsn()), 8)", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = Number, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Unknown });
        using var reader = command.ExecuteReader();
        var isAnswered = reader.Read() && !reader.IsDBNull(0) && reader.GetString(1) == Timeline;
        return (isAnswered ? reader.GetString(0) : "") switch
        {
            "committed" => true,
            "aborted" => false,
            "in progress" => null,
            _ => throw Unknown(queue),
        };
    }

    public static QueueUnavailableException Unknown(string queue, Exception? inner = null) => new(
        $"The connection to '{queue}' was lost while a change was being committed, and the server could not be asked what became of it.",
        "Look whether the change is there before you repeat the command.",
        inner);
}
