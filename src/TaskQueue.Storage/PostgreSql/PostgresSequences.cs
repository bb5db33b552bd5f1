using Npgsql;

namespace TaskQueue.Storage;

/// <summary>
/// The sequences that number the rows of a queue's tables. Logical replication brings the rows without them, as does who restores tables by
/// hand: the next numbers are then taken already, or come before those of older tasks.
/// </summary>
/// <param name="location">Where the queue is.</param>
internal sealed class PostgresSequences(ServerLocation location)
{
    private static readonly (string Table, string Column)[] Numbered = [
        ("task", "seq"), ("trash", "place"), ("operation", "seq"), ("event", "seq"),
    ];

    private readonly string _schema = PostgresDialect.Quoted(location.Schema);

    /// <summary>
    /// Throws if a sequence has not come as far as the rows of its table. A user who may not look at them is not kept from anything.
    /// </summary>
    /// <exception cref="QueueUnavailableException">Names each such sequence, and the statements that set it right.</exception>
    public void Ensure(PostgresSession session)
    {
        List<(string Table, string Column, string Sequence)> behind;
        try
        {
            behind = session.Rows(
                string.Join(" UNION ALL ", Numbered.Select(Behind)),
                row => (row.GetString(0), row.GetString(1), row.GetString(2)));
        }
        catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.InsufficientPrivilege
            or PostgresErrorCodes.UndefinedFunction)
        {
            return;
        }

        if (behind.Count > 0)
        {
            throw new QueueUnavailableException(
                $"New rows of '{location.Queue}' would get "
                    + $"numbers that are taken: {string.Join(", ", behind.Select(found => found.Sequence))} "
                + $"{(behind.Count == 1 ? "is" : "are")} behind the table, as after logical replication.",
                "End the replication, then run as the owner: "
                + string.Join(
                    ' ',
                    behind.Select(
                        found =>
                            $"SELECT setval('{found.Sequence}', (SELECT max({found.Column}) FROM {location.Schema}.{found.Table}));")));
        }
    }

    private string Behind((string Table, string Column) numbered) =>
        $"""
        SELECT '{numbered.Table}', '{numbered.Column}', sequence::regclass::text
        FROM (SELECT pg_get_serial_sequence('{_schema}.{numbered.Table}', '{numbered.Column}') AS sequence, (SELECT max({numbered.Column})
            FROM {_schema}.{numbered.Table}) AS highest) AS known
        WHERE CASE WHEN has_sequence_privilege(sequence, 'SELECT, USAGE') THEN highest > coalesce(pg_sequence_last_value(sequence), 0) END
        """;
}
