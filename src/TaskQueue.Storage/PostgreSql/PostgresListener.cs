using System.Diagnostics;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>A connection that hears what others tell of a queue, and looks by itself for what they do not.</summary>
/// <param name="server">The connections, of which it uses one.</param>
/// <param name="mayListen">False: it only looks. Behind a pooler the session that was told to listen is another client's the next
/// moment.</param>
/// <param name="seesCommits">False: the server cannot tell whether anything was committed, so that there may be something at each
/// look.</param>
/// <param name="changed">Called after a change, and where one may have been missed.</param>
/// <param name="isWanted">Asked again and again; it ends once this is false.</param>
internal sealed class PostgresListener(PostgresServer server, bool mayListen, bool seesCommits, Action changed, Func<bool> isWanted)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    // A change may be committed after another one that was logged later.
    private static readonly TimeSpan Straggling = TimeSpan.FromSeconds(1);

    // Some changes leave nothing in the log: an operator's own SQL, a worker that is asked to drain.
    private static readonly TimeSpan LongestUnseen = TimeSpan.FromSeconds(2);

    private readonly StandbyCheck _standbyCheck = server.NewStandbyCheck();
    private NpgsqlConnection? _connection;
    private string? _state;
    private (long Event, long Task) _newest;
    private long _changedAt;
    private long _toldAt;

    /// <summary>Connects, if the server is there: what is committed after this is heard.</summary>
    public void Begin() => TryOpen();

    /// <summary>Listens as long as it is wanted. Never throws.</summary>
    public void Run()
    {
        while (isWanted())
        {
            try
            {
                Follow();
            }
            catch (Exception)
            {
                // Any error, also an unforeseen one: it would end the process, and another connection is the remedy.
                Close();
            }
        }

        Close();
    }

    private void Follow()
    {
        if (_connection is null)
        {
            Thread.Sleep(Interval);
            TryOpen();
            // Notices that came in between were missed.
            Tell();
        }
        // Synchronously: each asynchronous wait that ends in vain would wake a thread of the pool, which then spins for a while.
        else if (_connection.Wait(Interval) || !seesCommits || (HasMovedOn(_connection) && MayBeOfQueue(_connection)))
        {
            Tell();
        }

        if (_connection is not null && _standbyCheck.ShouldLeave(_connection))
        {
            // What is written elsewhere is told elsewhere.
            server.Leave();
            Close();
        }
    }

    private void Tell()
    {
        _toldAt = Stopwatch.GetTimestamp();
        changed();
    }

    private void TryOpen()
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = server.OpenConnection(CancellationToken.None);
            if (mayListen)
            {
                Listen(connection);
            }

            if (seesCommits)
            {
                HasMovedOn(connection);
            }

            _connection = connection;
        }
        catch (Exception)
        {
            // Beginning to watch needs no server. The connection is tried again as long as anybody watches.
            _connection = connection;
            Close();
        }
    }

    private void Listen(NpgsqlConnection connection)
    {
        try
        {
            Execute(connection, $"LISTEN {PostgresDialect.Quoted(server.Location.Schema)}");
        }
        catch (PostgresException error) when (!PostgresErrors.IsConnectionLost(error))
        {
            // A standby does not allow LISTEN, nor do some servers that only speak PostgreSQL's language. Then it only polls.
        }
    }

    /// <summary>True if any transaction has written since the last call, of whatever session.</summary>
    private bool HasMovedOn(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT pg_catalog.pg_current_snapshot()::text", connection);
        var state = (string?)command.ExecuteScalar();
        var hasMoved = state != _state;
        _state = state;
        return hasMoved;
    }

    /// <summary>
    /// False if the commits were most likely in another queue or another database: the numbers of transactions are those of the whole
    /// server.
    /// </summary>
    private bool MayBeOfQueue(NpgsqlConnection connection)
    {
        var newest = Newest(connection);
        if (newest is null || newest != _newest)
        {
            _newest = newest ?? default;
            _changedAt = Stopwatch.GetTimestamp();
        }

        return Stopwatch.GetElapsedTime(_changedAt) < Straggling || Stopwatch.GetElapsedTime(_toldAt) >= LongestUnseen;
    }

    /// <summary>The newest entry of the log and the newest task; null for a user who may not read them.</summary>
    private (long Event, long Task)? Newest(NpgsqlConnection connection)
    {
        var schema = PostgresDialect.Quoted(server.Location.Schema);
        using var command = new NpgsqlCommand(
            $"SELECT (SELECT pg_catalog.max(seq) FROM {schema}.event), (SELECT pg_catalog.max(seq) FROM {schema}.task)", connection);
        try
        {
            using var reader = command.ExecuteReader();
            reader.Read();
            return (Number(0), Number(1));

            long Number(int column) => reader.IsDBNull(column) ? 0 : reader.GetInt64(column);
        }
        catch (PostgresException error) when (!PostgresErrors.IsConnectionLost(error))
        {
            return null;
        }
    }

    private void Close()
    {
        if (_connection is null)
        {
            return;
        }

        try
        {
            // The connection goes back to the pool, whose users do not want notices.
            using (_connection)
            {
                if (mayListen)
                {
                    Execute(_connection, "UNLISTEN *");
                }
            }
        }
        catch (Exception)
        {
            // No error here may end the process: the connection is gone, with the server or with all connections of the store.
        }

        _connection = null;
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
