using Npgsql;

namespace TaskQueue.Storage.PostgreSql;

/// <summary>
/// A row in which one transaction after the other leaves its number. After some of them another row takes its place: while anybody holds an old
/// snapshot open, the server keeps each version of a row and passes over all of them to find the last.
/// </summary>
/// <param name="schema">The quoted name of the queue's schema.</param>
internal sealed class PostgresReceipt(string schema)
{
    private const int NumbersInRow = 64;

    private Guid _slot = Guid.NewGuid();
    private long _number;

    /// <summary>
    /// Leaves the next number, if the transaction has written anything: to be sent together with its commit. Where the number has been barred by
    /// <see cref="WasCommitted"/>, the transaction fails.
    /// </summary>
    public void Write(PostgresSession session)
    {
        if (++_number % NumbersInRow == 0)
        {
            // All its transactions are known to have ended.
            session.Write($"DELETE FROM {schema}.receipt WHERE slot = CAST($slot AS uuid)", ("$slot", _slot));
            _slot = Guid.NewGuid();
        }

        session.Write(
            $"""
            INSERT INTO {schema}.receipt AS known (slot, number, at)
            SELECT CAST($slot AS uuid), CAST($number AS bigint), {session.NowSql} WHERE {session.HasWrittenSql}
            ON CONFLICT (slot) DO UPDATE SET number = CASE WHEN known.number < excluded.number THEN excluded.number END, at = excluded.at
            """,
            ("$slot", _slot),
            ("$number", _number));
    }

    /// <summary>
    /// Tells whether the last transaction was committed, of which no answer came. One that is still on its way is waited for, or
    /// barred: what was found not to be committed never will be.
    /// </summary>
    public bool WasCommitted(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(
            $"""
            INSERT INTO {schema}.receipt AS known (slot, number, at) VALUES ($1, $2, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)
            ON CONFLICT (slot) DO UPDATE SET number = CASE WHEN known.number = $3 THEN known.number ELSE excluded.number END, at = excluded.at
            RETURNING number
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _slot });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _number + 1 });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = _number });
        var wasCommitted = (long)command.ExecuteScalar()! == _number;
        _number++;
        return wasCommitted;
    }
}
