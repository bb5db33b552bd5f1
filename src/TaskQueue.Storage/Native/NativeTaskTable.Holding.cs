using System.Collections.Concurrent;

namespace TaskQueue.Storage;

/// <summary>Writes of those who hold claims, without reading the row.</summary>
internal abstract partial class NativeTaskTable
{
    // One for each set of columns that changes together: one or two.
    private readonly ConcurrentDictionary<long, RowStatement> _heldUpdates = [];

    /// <summary>Changes tasks that are still as their holders claimed them. Of a task that is not, nothing is written.</summary>
    /// <returns>The rows that were changed; complete at the latest when the transaction is committed.</returns>
    public List<HeldUpdate.Row> UpdateHeld(SqlSession session, HeldUpdate update)
    {
        List<HeldUpdate.Row> changed = [];
        foreach (var (columns, rows) in update.Groups)
        {
            UpdateHeld(session, _heldUpdates.GetOrAdd(columns, UpdatingHeld), rows, changed);
        }

        return changed;
    }

    /// <summary>Runs the statement for the rows, and adds those that it changes to <paramref name="changed"/>.</summary>
    protected virtual void UpdateHeld(
        SqlSession session, RowStatement statement, IReadOnlyList<HeldUpdate.Row> rows, List<HeldUpdate.Row> changed)
    {
        foreach (var row in rows.Where(row => session.Execute(statement.Text, row.Values) > 0))
        {
            session.Counts.Changed(row.Claimed, row.After);
            changed.Add(row);
        }
    }

    /// <summary>What stands around the statement, where a database has to say by itself which rows were changed.</summary>
    protected virtual (string Begin, string End) AroundHeldUpdate => ("", "");

    private RowStatement UpdatingHeld(long columns) =>
        RowStatement.Update(Tasks, RowDifference.ColumnsOf(columns), HeldUpdate.Expected, HeldUpdate.Key, AroundHeldUpdate);
}
