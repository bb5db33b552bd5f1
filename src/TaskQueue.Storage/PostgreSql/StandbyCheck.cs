using System.Diagnostics;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// Asks from time to time whether a connection leads to a standby. A name that pointed to the primary may point to another server by now,
/// and whoever only reads never meets an error that tells.
/// </summary>
/// <param name="isWanted">False if a standby will do.</param>
internal sealed class StandbyCheck(bool isWanted)
{
    // How often a location that names a standby costs a new connection.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private long _askedAt;

    /// <summary>True if it is time to look whether the name leads elsewhere.</summary>
    public bool ShouldLeave(NpgsqlConnection connection)
    {
        var askedAt = Volatile.Read(ref _askedAt);
        if (!isWanted || (askedAt != 0 && Stopwatch.GetElapsedTime(askedAt) < Interval))
        {
            return false;
        }

        Volatile.Write(ref _askedAt, Stopwatch.GetTimestamp());
        // From version 14 on the server says so by itself, also when that changes.
        return connection.PostgresParameters.TryGetValue("in_hot_standby", out var value) ? value == "on" : IsInRecovery(connection);
    }

    private static bool IsInRecovery(NpgsqlConnection connection)
    {
        try
        {
            using var command = new NpgsqlCommand("SELECT pg_is_in_recovery()", connection);
            return command.ExecuteScalar() is true;
        }
        catch (PostgresException)
        {
            // The server does not know what a standby is.
            return false;
        }
    }
}
