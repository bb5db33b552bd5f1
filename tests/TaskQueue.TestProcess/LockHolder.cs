using Microsoft.Data.Sqlite;

namespace TaskQueue.TestProcess;

/// <summary>Another program that keeps the write lock.</summary>
internal static class LockHolder
{
    public static void Hold(string[] args)
    {
        using var connection = new SqliteConnection($"Data Source={args[0]};Pooling=False");
        connection.Open();
        Execute(connection, "BEGIN IMMEDIATE");
        Console.WriteLine("locked");
        EndOfInput.Await();
        Execute(connection, "ROLLBACK");
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
