using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>
/// What a change writes to a row of the native layout: the columns that differ, and no others. Most changes touch six of them. A lease is
/// renewed without writing large texts, and an index costs nothing whose columns stay as they are.
/// </summary>
internal sealed class RowDifference
{
    public RowDifference(QueueTask before, QueueTask after, DateTimeOffset now, bool bumpsRevision)
    {
        FormerRevision = long.Parse(before.Revision, CultureInfo.InvariantCulture);
        var revision = FormerRevision + (bumpsRevision ? 1 : 0);
        var written = new TaskToWrite(after, now, revision, null);
        for (var index = 0; index < TaskColumns.All.Count; index++)
        {
            var column = TaskColumns.All[index];
            if (column == TaskColumns.Revision || column.Differs(before, after))
            {
                Columns |= 1L << index;
                Values.Add((column.Sql.Parameter, column.Value(written)));
            }
        }

        After = after with { Revision = ColumnForms.Show(revision) };
    }

    /// <summary>The columns of <see cref="TaskColumns.All"/> that are written, a bit each.</summary>
    public long Columns { get; }

    /// <summary>Their values, with room for what tells the row.</summary>
    public List<(string Name, object? Value)> Values { get; } = new(TaskColumns.All.Count + 1);

    /// <summary>The revision before the change.</summary>
    public long FormerRevision { get; }

    /// <summary>The task with its new revision.</summary>
    public QueueTask After { get; }

    /// <summary>The columns whose bits are set.</summary>
    public static IReadOnlyList<SqlColumn> ColumnsOf(long columns) =>
        [.. TaskColumns.All.Where((_, index) => (columns & (1L << index)) != 0).Select(column => column.Sql)];
}
