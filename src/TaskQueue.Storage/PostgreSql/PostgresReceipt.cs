namespace TaskQueue.Storage;

/// <summary>
/// A row in which one transaction after the other leaves its number. After some of them another row takes its place: while anybody holds an
/// old snapshot open, the server keeps each version of a row and passes over all of them to find the last.
/// </summary>
/// <param name="schema">The quoted name of the queue's schema.</param>
internal sealed class PostgresReceipt(string schema)
{
    private const int NumbersInRow = 64;

    private Guid _slot = Guid.NewGuid();
    private long _number;

    /// <summary>
    /// Leaves the next number, if the transaction has written anything: to be sent together with its commit. Where the number has been
    /// barred by <see cref="Ask"/>, the transaction fails.
    /// </summary>
    /// <param name="session">The transaction.</param>
    /// <param name="always">Also if nothing was written: the server waits for its standbys only where something was.</param>
    public void Write(PostgresSession session, bool always)
    {
        if (++_number % NumbersInRow == 0)
        {
            // All its transactions are known to have ended.
            session.Write($"DELETE FROM {schema}.receipt WHERE slot = CAST($slot AS uuid)", ("$slot", _slot));
            _slot = Guid.NewGuid();
        }

        session.ReadLater(
            $"""
            INSERT INTO {schema}.receipt AS known (slot, number, at)
            SELECT CAST($slot AS uuid), CAST($number AS bigint), {session.NowSql}{(always ? "" : $" WHERE {session.HasWrittenSql}")}
            ON CONFLICT (slot) DO UPDATE SET number = CASE WHEN known.number < excluded.number THEN excluded.number END, at = excluded.at
            RETURNING number
            """,
            _ => { },
            ("$slot", _slot),
            ("$number", _number));
    }

    /// <summary>
    /// Asks whether the last transaction was committed, of which no answer came. One that is still on its way is waited for, or
    /// barred: what was found not to be committed never will be. True and false both hold only once the session's own transaction is
    /// committed, which the standbys then have together with the other one.
    /// </summary>
    public void Ask(PostgresSession session, Action<bool> tell) => session.ReadLater(
        $"""
        INSERT INTO {schema}.receipt AS known (slot, number, at)
        VALUES (CAST($slot AS uuid), CAST($barrier AS bigint), {session.NowSql})
        ON CONFLICT (slot) DO UPDATE SET number = CASE WHEN known.number = CAST($number AS bigint) THEN known.number ELSE excluded.number
            END, at = excluded.at
        RETURNING number
        """,
        row => tell(row.GetInt64(0) == _number),
        ("$slot", _slot),
        ("$barrier", _number + 1),
        ("$number", _number));

    /// <summary>Goes on after the barrier that <see cref="Ask"/> may have left.</summary>
    public void PassBarrier() => _number++;
}
