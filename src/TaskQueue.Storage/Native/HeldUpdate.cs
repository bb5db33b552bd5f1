using System.Globalization;

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

    /// <param name="changes">The tasks as they were claimed, and as they are to be; each task once.</param>
    /// <param name="now">The queue's clock.</param>
    public HeldUpdate(IReadOnlyList<(QueueTask Claimed, QueueTask After)> changes, DateTimeOffset now)
    {
        var after = new QueueTask[changes.Count];
        var rows = new Row[changes.Count];
        for (var index = 0; index < rows.Length; index++)
        {
            var claimed = changes[index].Claimed;
            var difference = new RowDifference(claimed, changes[index].After, now, bumpsRevision: true);
            difference.Values.Add((Expected[0].Parameter, claimed.ClaimToken));
            difference.Values.Add((Expected[1].Parameter, long.Parse(claimed.Revision, CultureInfo.InvariantCulture)));
            difference.Values.Add((Expected[2].Parameter, claimed.StatusText));
            difference.Values.Add((Key.Parameter, claimed.Id));
            after[index] = difference.After;
            rows[index] = new Row(index, claimed.Id, difference.Columns, difference.Values);
        }

        // Rows are changed in id order, which avoids deadlocks.
        Array.Sort(rows, static (first, second) => string.CompareOrdinal(first.Id, second.Id));
        After = after;
        Groups = [.. rows.GroupBy(row => row.Columns, (columns, group) => (columns, (IReadOnlyList<Row>)[.. group]))];
    }

    /// <summary>The tasks as they are to be, in the order of the changes.</summary>
    public IReadOnlyList<QueueTask> After { get; }

    /// <summary>The rows, by the columns that are written.</summary>
    public IReadOnlyList<(long Columns, IReadOnlyList<Row> Rows)> Groups { get; }

    /// <summary>A row that is to be changed.</summary>
    /// <param name="Index">The place of its change.</param>
    /// <param name="Id">The task.</param>
    /// <param name="Columns">See <see cref="RowDifference.Columns"/>.</param>
    /// <param name="Values">Of the written columns, then of the expected ones, then of the key.</param>
    internal sealed record Row(int Index, string Id, long Columns, List<(string Name, object? Value)> Values);
}
