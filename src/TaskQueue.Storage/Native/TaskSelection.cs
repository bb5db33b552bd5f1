namespace TaskQueue.Storage;

/// <summary>The columns that statements read of a task. Their places in a row follow from their order in the statement.</summary>
/// <param name="columns">The columns behind the key.</param>
internal sealed class TaskSelection(IReadOnlyList<FieldColumn> columns)
{
    private const int KeyPlace = 0;

    private static readonly TaskProperty<TimeSpan?> Age = new(nameof(QueueTask.Age));
    private static readonly TaskProperty<string?> Remark = new(nameof(QueueTask.Remark));

    private readonly FieldColumn[] _columns = [.. columns];

    /// <summary>What stands behind SELECT.</summary>
    public string Sql { get; } = string.Join(", ", columns.Select(column => column.Sql.Name).Prepend(TaskColumns.Seq.Name));

    /// <summary>Makes a task of a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="queue">The queue as its tasks name it.</param>
    /// <param name="now">The time up to which its age counts.</param>
    public TaskRow Read(SqlRow row, string queue, DateTimeOffset now)
    {
        var read = new NativeRow(row);
        var task = new QueueTask { Id = "", Type = "", Status = QueueTaskStatus.Unknown, StatusText = "", Queue = queue, Revision = "" };
        for (var index = 0; index < _columns.Length; index++)
        {
            var place = KeyPlace + 1 + index;
            if (!_columns[index].IsOptional || !row.IsDBNull(place))
            {
                _columns[index].Read(read, place, task);
            }
        }

        Age.Set(task, now - task.StateSince);
        if (read.Remark is { } remark)
        {
            Remark.Set(task, remark);
        }

        return new TaskRow(read.Key(KeyPlace), task);
    }
}
