using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// Calls back after changes of the queue: at once for those others tell of, and within a quarter of a second for all, since then the
/// numbers of the server's transactions have moved on.
/// </summary>
internal sealed class PostgresWatch : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly NpgsqlDataSource _source;
    private readonly string _schema;
    private readonly Action _changed;
    private readonly CancellationTokenSource _end = new();
    private readonly Thread _thread;
    private string? _state;

    /// <param name="source">The connections; one is used for as long as this lives.</param>
    /// <param name="schema">The queue's schema, whose name the channel has.</param>
    /// <param name="changed">Called on the watching thread.</param>
    public PostgresWatch(NpgsqlDataSource source, string schema, Action changed)
    {
        _source = source;
        _schema = schema;
        _changed = changed;
        // Before the caller goes on: what is committed from now on is told.
        var connection = TryOpen();
        _thread = new Thread(() => Run(connection)) { IsBackground = true, Name = "TaskQueue PostgreSQL watch" };
        _thread.Start();
    }

    /// <summary>Ends it; no call comes after this returns, but for one out of which it was called.</summary>
    public void Dispose()
    {
        _end.Cancel();
        if (Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }
    }

    private void Run(NpgsqlConnection? connection)
    {
        while (!_end.IsCancellationRequested)
        {
            if (connection is null)
            {
                _end.Token.WaitHandle.WaitOne(Interval);
                connection = TryOpen();
                // Whatever came in between was not heard.
                _changed();
                continue;
            }

            try
            {
                Follow(connection);
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception error) when (PostgresErrors.IsAboutServer(error))
            {
                connection.Dispose();
                connection = null;
            }
        }

        Close(connection);
    }

    private void Follow(NpgsqlConnection connection)
    {
        if (connection.WaitAsync(Interval, _end.Token).GetAwaiter().GetResult())
        {
            _changed();
        }
        else if (HasMovedOn(connection))
        {
            _changed();
        }
    }

    /// <summary>A connection that listens; null while there is none to be had.</summary>
    private NpgsqlConnection? TryOpen()
    {
        NpgsqlConnection? connection = null;
        try
        {
            connection = _source.OpenConnection();
            Listen(connection);
            HasMovedOn(connection);
            return connection;
        }
        catch (Exception error) when (PostgresErrors.IsAboutServer(error))
        {
            connection?.Dispose();
            return null;
        }
    }

    private void Listen(NpgsqlConnection connection)
    {
        try
        {
            Execute(connection, $"LISTEN {PostgresDialect.Quoted(_schema)}");
        }
        catch (PostgresException)
        {
            // A standby does not let anyone listen, nor do some servers that only speak PostgreSQL's language: looking has to do.
        }
    }

    /// <summary>True if any transaction has written since the last call, of whatever session.</summary>
    private bool HasMovedOn(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT pg_current_snapshot()::text", connection);
        var state = (string?)command.ExecuteScalar();
        var hasMoved = state != _state;
        _state = state;
        return hasMoved;
    }

    private static void Close(NpgsqlConnection? connection)
    {
        if (connection is null)
        {
            return;
        }

        try
        {
            // It goes back to the others, who do not want to hear anything.
            Execute(connection, "UNLISTEN *");
        }
        catch (Exception error) when (PostgresErrors.IsAboutServer(error))
        {
            // Then it is gone.
        }

        connection.Dispose();
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
