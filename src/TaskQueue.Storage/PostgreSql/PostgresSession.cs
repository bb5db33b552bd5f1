using System.Data;
using System.Text;
using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// A connection for one piece of work. Statements whose answer nobody waits for travel with the next one that is waited for, so that a
/// transaction over many tasks costs two or three round trips.
/// </summary>
internal sealed class PostgresSession : SqlSession
{
    // Rows that carry more than that are sent in several statements: the server takes no message of a gigabyte, and each statement has its own time.
    private const long MostRowCharacters = 1024 * 1024;

    private readonly NpgsqlConnection _connection;
    private readonly PostgresPreparation _preparation;
    private readonly PostgresSettings _settings;
    private readonly TimeProvider? _time;
    private readonly CancellationToken _cancellation;

    // What was not sent yet, and what reads its rows where it answers with any.
    private readonly List<(NpgsqlBatchCommand Command, Action<NpgsqlDataReader>? Read)> _unsent = [];

    // The rows of statements that follow each other and are to be sent together, and the keys of those that are changed by them.
    private readonly OrderedDictionary<RowStatement, List<(string Name, object? Value)[]>> _rows = [];
    private readonly HashSet<object?> _changedRows = [];
    private long _rowCharacters;
    private DateTimeOffset? _now;
    private bool _mayTakeLong;
    private bool _isInTransaction;
    private bool _hasWritten;

    /// <param name="connection">An open connection, which becomes the session's.</param>
    /// <param name="preparation">Which statements the server keeps.</param>
    /// <param name="settings">What a transaction sets on the server.</param>
    /// <param name="time">The clock to go by; null for the server's.</param>
    /// <param name="cancellation">Ends what runs, but no commit.</param>
    public PostgresSession(
        NpgsqlConnection connection, PostgresPreparation preparation, PostgresSettings settings, TimeProvider? time, CancellationToken cancellation)
    {
        _connection = connection;
        _preparation = preparation;
        _settings = settings;
        _time = time;
        _cancellation = cancellation;
    }

    public override DateTimeOffset Now
    {
        get
        {
            if (_now is null)
            {
                AskForTime();
                Send();
            }

            return _now!.Value;
        }
    }

    /// <summary>True once a commit was sent: whether it took place is known only from its answer, or from its receipt.</summary>
    public bool MayBeCommitted { get; private set; }

    /// <summary>See <see cref="Announce"/>.</summary>
    public bool HasNews { get; private set; }

    /// <summary>
    /// A condition: the transaction has written anything. Where the server cannot tell, a statement counts that answers with no rows. One that does, such as what makes
    /// tasks ready, may be repeated after a commit without a receipt.
    /// </summary>
    public string HasWrittenSql => !_settings.IsPlain ? "pg_current_xact_id_if_assigned() IS NOT NULL" : _hasWritten ? "true" : "false";

    /// <summary>Begins the piece of work by the server's clock; it is read together with the first statement.</summary>
    public void BeginReading() => AskForTime();

    /// <summary>Begins a transaction.</summary>
    /// <param name="mode">What follows BEGIN.</param>
    public void BeginTransaction(string mode)
    {
        Write($"BEGIN {mode}");
        _isInTransaction = true;
        _hasWritten = false;
        Set(_settings.ForTransaction);
        AskForTime();
    }

    /// <summary>Has <paramref name="read"/> read each row of a statement, together with whatever is sent next.</summary>
    public void ReadLater(string sql, Action<SqlRow> read, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        SendLater(PostgresStatement.Of(sql, parameters), reader =>
        {
            var row = new PostgresRow(reader);
            while (Next(reader))
            {
                read(row);
            }
        });

    /// <summary>
    /// The queue's clock as a statement says it, for one that is sent before the time is known here. It stands still while the statement runs: with a
    /// time that does not, an index could not be searched.
    /// </summary>
    public string NowSql => _time is null ? Milliseconds("statement_timestamp()") : $"{_time.GetUtcNow().ToUnixTimeMilliseconds()}";

    public override int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = PostgresStatement.Of(sql, parameters);
        SendLater(command);
        Send();
        return (int)command.RecordsAffected;
    }

    public override void Write(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        SendLater(PostgresStatement.Of(sql, parameters));

    public override void WriteRow(RowStatement statement, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        if (statement.Key is not null && !_changedRows.Add(values[^1].Value))
        {
            // Of two changes of a row by one statement, only one would take place.
            SendRowsLater();
            _changedRows.Add(values[^1].Value);
        }

        if (!_rows.TryGetValue(statement, out var rows))
        {
            _rows.Add(statement, rows = []);
        }

        _hasWritten = true;
        rows.Add(values.ToArray());
        foreach (var (_, value) in values)
        {
            _rowCharacters += (value as string)?.Length ?? 0;
        }

        if (_rowCharacters > MostRowCharacters)
        {
            SendRowsLater();
        }
    }

    public override void ExecuteScript(string sql)
    {
        Send();
        _hasWritten = true;
        WatchConnection(() =>
        {
            using var command = new NpgsqlCommand(sql, _connection);
            command.CommandTimeout = _mayTakeLong ? 0 : command.CommandTimeout;
            command.ExecuteNonQuery();
        });
    }

    public override (List<T> Rows, bool AreAll) RowsWhile<T>(
        string sql, Func<SqlRow, T> read, Predicate<T> takesMore, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var rows = new List<T>();
        var areAll = true;
        SendLater(PostgresStatement.Of(sql, parameters), reader =>
        {
            var current = new PostgresRow(reader);
            while (areAll && Next(reader))
            {
                var row = read(current);
                rows.Add(row);
                areAll = takesMore(row);
            }
        });
        Send();
        return (rows, areAll);
    }

    /// <summary>Adds rows in bulk.</summary>
    /// <param name="table">The table, and its columns in parentheses.</param>
    /// <param name="rows">Their values.</param>
    public void Copy(string table, IEnumerable<IEnumerable<object?>> rows)
    {
        Send();
        _hasWritten = true;
        WatchConnection(() =>
        {
            using var import = _connection.BeginTextImport($"COPY {table} FROM STDIN");
            var line = new StringBuilder();
            foreach (var row in rows)
            {
                PostgresText.AppendLine(line.Clear(), row);
                import.Write(line);
            }
        });
    }

    public override void Announce() => HasNews = true;

    // Until the transaction ends, or without one the present round trip.
    public override void LetTakeLong()
    {
        Set(_settings.ForLongStatement);
        _mayTakeLong = true;
    }

    /// <summary>Lets the transaction stay open for as long as it takes, also while nothing is sent.</summary>
    public void LetStayOpen() => Set(_settings.ForLongTransaction);

    /// <summary>Commits. What waits to be sent goes along with it.</summary>
    /// <param name="receipt">Tells what became of it if no answer comes.</param>
    public void Commit(PostgresReceipt receipt)
    {
        _cancellation.ThrowIfCancellationRequested();
        receipt.Write(this);
        Write("COMMIT");
        MayBeCommitted = true;
        // Not to be ended half-way: whoever cancels now must still learn what became of it.
        Send(CancellationToken.None);
    }

    /// <summary>Gives the connection back. A transaction that was not committed is rolled back.</summary>
    public override void Dispose() => _connection.Dispose();

    private void Set(string settings) => ReadLater(settings, _ => { });

    private void AskForTime()
    {
        if (_time is not null)
        {
            _now = Milliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds());
            return;
        }

        ReadLater($"SELECT {Milliseconds("clock_timestamp()")}", row => _now = Milliseconds(row.GetInt64(0)));
    }

    /// <summary>Sends what waits to be sent, and reads the answers.</summary>
    public void Send() => Send(_cancellation);

    private void SendLater(NpgsqlBatchCommand command, Action<NpgsqlDataReader>? read = null)
    {
        SendRowsLater();
        _hasWritten |= read is null;
        _unsent.Add((command, read));
    }

    private void SendRowsLater()
    {
        _unsent.AddRange(_rows.Select(statement => (PostgresStatement.Of(statement.Key, statement.Value), (Action<NpgsqlDataReader>?)null)));
        _rows.Clear();
        _changedRows.Clear();
        _rowCharacters = 0;
    }

    private void Send(CancellationToken cancellation)
    {
        SendRowsLater();
        if (_unsent.Count == 0)
        {
            return;
        }

        WatchConnection(() => SendBatch(cancellation));
    }

    private void SendBatch(CancellationToken cancellation)
    {
        using var batch = _connection.CreateBatch();
        if (_mayTakeLong)
        {
            batch.Timeout = 0;
        }

        if (!_isInTransaction)
        {
            // Without one, a round trip is a transaction.
            _unsent.Insert(0, (PostgresStatement.Of(_settings.ForTransaction, []), _ => { }));
        }

        foreach (var (command, _) in _unsent)
        {
            batch.BatchCommands.Add(command);
        }

        var reads = _unsent.Select(statement => statement.Read).OfType<Action<NpgsqlDataReader>>().ToList();
        _unsent.Clear();
        _preparation.Prepare(batch, cancellation);
        // Asynchronously only for who can cancel: that way the server is told, and a connection that does not answer is let go of.
        using var reader = cancellation.CanBeCanceled ? batch.ExecuteReaderAsync(cancellation).GetAwaiter().GetResult() : batch.ExecuteReader();
        foreach (var read in reads)
        {
            read(reader);
            NextResult(reader, cancellation);
        }

        while (NextResult(reader, cancellation))
        {
            // What was written may still have failed.
        }
    }

    /// <summary>Whatever leaves the connection unusable is a lost connection: what was under way is not known to have failed.</summary>
    private void WatchConnection(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (
            _connection.FullState is ConnectionState.Broken or ConnectionState.Closed
            && error is not (PostgresException or OperationCanceledException or TaskQueueException)
            && !PostgresErrors.IsConnectionLost(error))
        {
            throw PostgresErrors.Lost(error);
        }
    }

    private bool Next(NpgsqlDataReader reader) =>
        _cancellation.CanBeCanceled ? reader.ReadAsync(_cancellation).GetAwaiter().GetResult() : reader.Read();

    private static bool NextResult(NpgsqlDataReader reader, CancellationToken cancellation) =>
        cancellation.CanBeCanceled ? reader.NextResultAsync(cancellation).GetAwaiter().GetResult() : reader.NextResult();

    private static string Milliseconds(string time) => $"floor(extract(epoch FROM {time}) * 1000)::bigint";

    private static DateTimeOffset Milliseconds(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
