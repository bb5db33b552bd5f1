namespace TaskQueue.Storage;

/// <summary>Changes of tasks that are written only where the row is still as its holder claimed it.</summary>
internal sealed class HeldUpdate
{
    /// <summary>The columns in which a row must still have the values of the holder's copy. A heartbeat changes none of them.</summary>
    public static readonly IReadOnlyList<SqlColumn> Expected =
    [
        new("claim_token", SqlType.Identifier) { Parameter = "$held_token" },
        new("revision", SqlType.Integer) { Parameter = "$held_revision" },
        new("status", SqlType.Text) { Parameter = "$held_status" },
    ];

    /// <summary>The column that tells the row.</summary>
    public static readonly SqlColumn Key = new("id", SqlType.Text) { Parameter = "$held_id" };

    /// <param name="changes">
    /// The places of the changes, the tasks as they were claimed, and as they are to be; each task once.
    /// </param>
    /// <param name="now">The queue's clock.</param>
    public HeldUpdate(IEnumerable<(int Index, QueueTask Claimed, QueueTask After)> changes, DateTimeOffset now) =>
        // Rows that are changed by one statement are in id order, as everywhere, which keeps deadlocks rare.
        Groups =
        [
            .. changes
                .OrderBy(change => change.Claimed.Id, StringComparer.Ordinal)
                .Select(change => (change.Index, change.Claimed, Difference: new RowDifference(change.Claimed, change.After, now, true)))
                .GroupBy(
                    change => change.Difference.Columns,
                    (columns, group) =>
                        (columns, (IReadOnlyList<Row>)[.. group.Select(change => RowOf(change.Index, change.Claimed, change.Difference))])),
        ];

    /// <summary>The rows, by the columns that are written; see <see cref="RowDifference.Columns"/>.</summary>
    public IReadOnlyList<(long Columns, IReadOnlyList<Row> Rows)> Groups { get; }

    private static Row RowOf(int index, QueueTask claimed, RowDifference difference) => new(
        index,
        claimed,
        difference.After,
        [
            .. difference.Values,
            (Expected[0].Parameter, claimed.ClaimToken),
            (Expected[1].Parameter, difference.FormerRevision),
            (Expected[2].Parameter, claimed.StatusText),
            (Key.Parameter, claimed.Id),
        ]);

    /// <summary>A row that is to be changed.</summary>
    /// <param name="Index">The place of its change.</param>
    /// <param name="Claimed">The task as it was claimed.</param>
    /// <param name="After">The task as it is to be.</param>
    /// <param name="Values">Of the written columns, then of the expected ones, then of the key.</param>
    internal sealed record Row(int Index, QueueTask Claimed, QueueTask After, (string Name, object? Value)[] Values);
}
