using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace TaskQueue.Storage;

/// <summary>Writes of those who hold claims, without reading the row.</summary>
internal abstract partial class NativeTaskTable
{
    // One for each set of columns that changes together: one or two.
    private readonly ConcurrentDictionary<long, RowStatement> _heldUpdates = [];

    /// <summary>Changes tasks that are still as their holders claimed them. Of a task that is not, nothing is written.</summary>
    /// <returns>
    /// The tasks with their new revisions. One becomes null, at the latest when the transaction is committed, if it was not changed.
    /// </returns>
    public QueueTask?[] UpdateHeld(SqlSession session, HeldUpdate update)
    {
        QueueTask?[] after = [.. update.After];
        foreach (var (columns, rows) in update.Groups)
        {
            UpdateHeld(session, _heldUpdates.GetOrAdd(columns, UpdatingHeld), rows, after);
        }

        return after;
    }

    /// <summary>Runs the statement for the rows. A task that it does not change becomes null in <paramref name="after"/>.</summary>
    protected virtual void UpdateHeld(SqlSession session, RowStatement statement, IReadOnlyList<HeldUpdate.Row> rows, QueueTask?[] after)
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
        RowStatement.Update(Tasks, RowDifference.ColumnsOf(columns), HeldUpdate.Expected, HeldUpdate.Key, EndOfHeldUpdate);
}
