using System.Data;
using System.Diagnostics;
using System.Text;
using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// A connection for one piece of work. Statements whose answer nobody waits for travel with the next one that is waited for, so that a
/// transaction over many tasks costs two or three round trips.
/// </summary>
internal sealed class PostgresSession : SqlSession
{
    // Rows that carry more than that are sent in several statements: the server takes no message of a gigabyte, and each statement has its
    // own time.
    private const long MostRowCharacters = 1024 * 1024;

    private readonly NpgsqlConnection _connection;
    private readonly PostgresPreparation _preparation;
    private readonly PostgresSettings _settings;
    private readonly ServerClock _clock;
    private readonly TimeProvider? _time;
    private CancellationToken _cancellation;

    // What was not sent yet, and what reads the rows of those statements that return any.
    private readonly List<(NpgsqlBatchCommand Command, Action<NpgsqlDataReader>? Read)> _unsent = [];

    // The rows of statements that follow each other and are to be sent together, and the keys of those that are changed by them.
    private readonly OrderedDictionary<RowStatement, (List<(string Name, object? Value)[]> Values, Action<SqlRow>? Read)> _rows = [];
    private readonly HashSet<object?> _changedRows = [];
    private long _rowCharacters;
    private DateTimeOffset? _now;
    private long _sentAt;
    private bool _isInTransaction;
    private bool _hasWritten;
    private long _unsentCharacters;
    private bool _confirms;
    private Task<bool>? _commit;

    /// <param name="connection">An open connection, which becomes the session's.</param>
    /// <param name="preparation">Which statements the server keeps.</param>
    /// <param name="settings">What a transaction sets on the server.</param>
    /// <param name="clock">The server's clock as it is known between two looks at it.</param>
    /// <param name="time">The clock to go by; null for the server's.</param>
    /// <param name="cancellation">Ends what runs, but no commit.</param>
    public PostgresSession(
        NpgsqlConnection connection, PostgresPreparation preparation, PostgresSettings settings, ServerClock clock, TimeProvider? time,
        CancellationToken cancellation)
    {
        _clock = clock;
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

    /// <summary>See <see cref="LiftTimeLimit"/>.</summary>
    public bool HasNoTimeLimit { get; private set; }

    /// <summary>The commit was answered: all rows that its batch returned have been read.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>See <see cref="Announce"/>.</summary>
    public bool HasNews { get; private set; }

    /// <summary>
    /// A condition: the transaction has written anything. Where the server cannot tell, a statement counts that answers with no rows. One
    /// that does, such as what makes tasks ready, may be repeated after a commit without a receipt.
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
        SendLater(PostgresStatement.Of(sql, parameters), ReadAll(read));

    /// <summary>
    /// The queue's clock as a statement says it, for one that is sent before the time is known here. It stands still while the statement
    /// runs: with a time that does not, an index could not be searched.
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

    public override void WriteRow(RowStatement statement, params ReadOnlySpan<(string Name, object? Value)> values) =>
        WriteRow(statement, values.ToArray(), null);

    /// <summary>The same for a statement that returns rows: each is read together with whatever is sent next.</summary>
    public void WriteRow(RowStatement statement, (string Name, object? Value)[] values, Action<SqlRow>? read)
    {
        if (statement.Key is not null && !_changedRows.Add(values[^1].Value))
        {
            // Of two changes of one row by one statement, only one would take place.
            SendRowsLater();
            _changedRows.Add(values[^1].Value);
        }

        if (!_rows.TryGetValue(statement, out var rows))
        {
            _rows.Add(statement, rows = ([], read));
        }

        _hasWritten = true;
        rows.Values.Add(values);
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
            command.CommandTimeout = HasNoTimeLimit ? 0 : command.CommandTimeout;
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
    public override void LiftTimeLimit()
    {
        Set(_settings.ForLongStatement);
        HasNoTimeLimit = true;
    }

    /// <summary>Lets the transaction stay open for as long as it takes, also while nothing is sent.</summary>
    public void LetStayOpen() => Set(_settings.ForLongTransaction);

    public override void Confirm() => _confirms = true;

    /// <summary>Commits, and leaves a receipt that tells what became of it if no answer comes.</summary>
    /// <returns>See <see cref="Commit()"/>.</returns>
    public Task<bool> Commit(PostgresReceipt receipt)
    {
        // A statement that takes its own time must not be taken for a slow commit.
        if (HasNoTimeLimit || _unsentCharacters + _rowCharacters > MostRowCharacters)
        {
            Send();
        }

        receipt.Write(this, _confirms);
        return Commit();
    }

    /// <summary>
    /// Sends the commit, together with what waits to be sent, of which the last statement returns rows. From now on nothing is cancelled,
    /// and no time-out of ours ends it: PostgreSQL takes that for the wish not to wait for the standbys, and answers as if they had it.
    /// </summary>
    /// <returns>
    /// The answer: false if the server has committed, and warns that a standby may lack it. Errors of the statements are in it too. Whoever
    /// does not wait for it may dispose of the session: its connection stays open until it comes.
    /// </returns>
    public Task<bool> Commit()
    {
        _cancellation.ThrowIfCancellationRequested();
        _cancellation = CancellationToken.None;
        Write("COMMIT");
        var batch = TakeUnsent(out var reads);
        batch.Timeout = 0;
        WatchConnection(() => _preparation.Prepare(batch, _cancellation));
        return _commit = SendCommit(batch, reads);
    }

    /// <summary>Gives the connection back. A transaction that was not committed is rolled back.</summary>
    public override void Dispose()
    {
        if (_commit is { IsCompleted: false } commit)
        {
            commit.ContinueWith(
                _ => _connection.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        else
        {
            _connection.Dispose();
        }
    }

    private Action<NpgsqlDataReader> ReadAll(Action<SqlRow> read) => reader =>
    {
        var row = new PostgresRow(reader);
        while (Next(reader))
        {
            read(row);
        }
    };

    private void Set(string settings) => ReadLater(settings, _ => { });

    private void AskForTime()
    {
        if (_time is not null)
        {
            _now = NowOf(_time);
            return;
        }

        ReadLater($"SELECT {Milliseconds("clock_timestamp()")}", row =>
        {
            _now = Milliseconds(row.GetInt64(0));
            _clock.Set(_now.Value, _sentAt);
        });
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
        foreach (var (statement, (rows, read)) in _rows)
        {
            _unsent.Add((PostgresStatement.Of(statement, rows), read is null ? null : ReadAll(read)));
        }

        _rows.Clear();
        _changedRows.Clear();
        _unsentCharacters += _rowCharacters;
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
        using var batch = TakeUnsent(out var reads);
        _preparation.Prepare(batch, cancellation);
        // Asynchronous only if the caller can cancel: then the server is told, and a connection that does not answer is let go of.
        using var reader = cancellation.CanBeCanceled
            ? batch.ExecuteReaderAsync(cancellation).GetAwaiter().GetResult()
            : batch.ExecuteReader();
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

    private NpgsqlBatch TakeUnsent(out List<Action<NpgsqlDataReader>> reads)
    {
        SendRowsLater();
        var batch = _connection.CreateBatch();
        if (HasNoTimeLimit)
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

        _sentAt = Stopwatch.GetTimestamp();
        reads = [.. _unsent.Select(statement => statement.Read).OfType<Action<NpgsqlDataReader>>()];
        _unsent.Clear();
        _unsentCharacters = 0;
        return batch;
    }

    private async Task<bool> SendCommit(NpgsqlBatch batch, List<Action<NpgsqlDataReader>> reads)
    {
        var isEnding = false;
        var isConfirmed = true;
        // The wait for the standbys was cancelled, by an administrator or a shutdown. The text depends on the server's language, and the
        // code is that of any warning.
        _connection.Notice += (_, notice) => isConfirmed &= !(isEnding && notice.Notice.InvariantSeverity == "WARNING");
        try
        {
            using (batch)
            {
                using var reader = await batch.ExecuteReaderAsync(CancellationToken.None).ConfigureAwait(false);
                for (var index = 0; index < reads.Count; index++)
                {
                    reads[index](reader);
                    // What the server says after the last rows, it says of the commit.
                    isEnding = index == reads.Count - 1;
                    await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false);
                }

                while (await reader.NextResultAsync(CancellationToken.None).ConfigureAwait(false))
                {
                    // What was written may still have failed.
                }
            }
        }
        catch (Exception error) when (LeavesConnectionUnusable(error))
        {
            throw PostgresErrors.Lost(error);
        }

        WasAnswered = true;
        return isConfirmed;
    }

    /// <summary>
    /// Any error that leaves the connection unusable is a lost connection: what was under way may or may not have failed.
    /// </summary>
    private void WatchConnection(Action work)
    {
        try
        {
            work();
        }
        catch (Exception error) when (LeavesConnectionUnusable(error))
        {
            throw PostgresErrors.Lost(error);
        }
    }

    private bool LeavesConnectionUnusable(Exception error) =>
        _connection.FullState is ConnectionState.Broken or ConnectionState.Closed
        && error is not (PostgresException or OperationCanceledException or TaskQueueException)
        && !PostgresErrors.IsConnectionLost(error);

    private bool Next(NpgsqlDataReader reader) =>
        _cancellation.CanBeCanceled ? reader.ReadAsync(_cancellation).GetAwaiter().GetResult() : reader.Read();

    private static bool NextResult(NpgsqlDataReader reader, CancellationToken cancellation) =>
        cancellation.CanBeCanceled ? reader.NextResultAsync(cancellation).GetAwaiter().GetResult() : reader.NextResult();

    /// <summary>A clock in place of the server's, in whole milliseconds as that.</summary>
    public static DateTimeOffset NowOf(TimeProvider time) => Milliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());

    private static string Milliseconds(string time) => $"floor(extract(epoch FROM {time}) * 1000)::bigint";

    private static DateTimeOffset Milliseconds(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
