using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;

namespace TaskQueue.Storage;

/// <summary>What holders of claims write of their tasks without having them read.</summary>
internal abstract partial class NativeTaskTable
{
    // What must be true of a row that is still as its holder claimed it. A heartbeat alone leaves the revision as it is.
    private static readonly SqlColumn[] ExpectedOfHeld =
    [
        new("claim_token", SqlType.Identifier) { Parameter = "$held_token" },
        new("revision", SqlType.Integer) { Parameter = "$held_revision" },
        new("status", SqlType.Text) { Parameter = "$held_status" },
    ];

    private static readonly SqlColumn KeyOfHeld = new("id", SqlType.Text) { Parameter = "$held_id" };

    // One for each set of columns that changes together: one or two.
    private readonly ConcurrentDictionary<long, RowStatement> _heldUpdates = [];

    /// <summary>
    /// Changes tasks that are still as their holders claimed them. Of a task that is not, nothing is written.
    /// </summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="changes">The tasks as they were claimed, and as they are to be; each task once.</param>
    /// <returns>
    /// The tasks with their new revisions. One becomes null, at the latest when the transaction is committed, if it was not changed.
    /// </returns>
    public QueueTask?[] UpdateHeld(SqlSession session, IReadOnlyList<(QueueTask Claimed, QueueTask After)> changes)
    {
        var now = session.NowWithoutAsking;
        var after = new QueueTask?[changes.Count];
        // Rows are changed in id order, which avoids deadlocks.
        foreach (var group in changes
            .Select((change, index) => (change.Claimed, Difference: new RowDifference(change.Claimed, change.After, now, true), index))
            .OrderBy(change => change.Claimed.Id, StringComparer.Ordinal)
            .GroupBy(change => change.Difference.Columns))
        {
            var rows = new List<HeldRow>();
            foreach (var (claimed, difference, index) in group)
            {
                difference.Values.Add((ExpectedOfHeld[0].Parameter, claimed.ClaimToken));
                difference.Values.Add((ExpectedOfHeld[1].Parameter, long.Parse(claimed.Revision, CultureInfo.InvariantCulture)));
                difference.Values.Add((ExpectedOfHeld[2].Parameter, claimed.StatusText));
                difference.Values.Add((KeyOfHeld.Parameter, claimed.Id));
                after[index] = difference.After;
                rows.Add(new HeldRow(index, claimed.Id, difference.Values));
            }

            UpdateHeld(session, _heldUpdates.GetOrAdd(group.Key, UpdatingHeld), rows, after);
        }

        return after;
    }

    /// <summary>Runs the statement for rows; what it does not change becomes null in <paramref name="after"/>.</summary>
    protected virtual void UpdateHeld(SqlSession session, RowStatement statement, IReadOnlyList<HeldRow> rows, QueueTask?[] after)
    {
        foreach (var row in rows)
        {
            if (session.Execute(statement.Text, CollectionsMarshal.AsSpan(row.Values)) == 0)
            {
                after[row.Index] = null;
            }
        }
    }

    /// <summary>What follows the statement, where a database has to say which rows were changed.</summary>
    protected virtual string EndOfHeldUpdate => "";

    private RowStatement UpdatingHeld(long columns) =>
        RowStatement.Update(Tasks, RowDifference.ColumnsOf(columns), ExpectedOfHeld, KeyOfHeld, EndOfHeldUpdate);

    /// <summary>A row that is to be changed.</summary>
    /// <param name="Index">The place of its change.</param>
    /// <param name="Id">The task.</param>
    /// <param name="Values">The values of the statement's columns.</param>
    protected sealed record HeldRow(int Index, string Id, List<(string Name, object? Value)> Values);
}
