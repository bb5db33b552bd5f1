using Npgsql;
using TaskQueue.TestPostgres;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A lock of another client's that keeps everybody from writing to a queue, but lets them read, until it is disposed.</summary>
internal static class TableLock
{
    public static IDisposable Take(PostgresLocation queue)
    {
        var connection = queue.Connect();
        using var command = new NpgsqlCommand("BEGIN; LOCK TABLE task, worker IN EXCLUSIVE MODE", connection);
        command.ExecuteNonQuery();
        return connection;
    }
}
