namespace TaskQueue.Storage;

/// <summary>Writes what an operation did into the log, in the same transaction as the changes themselves.</summary>
/// <param name="session">The connection, in a transaction.</param>
/// <param name="operation">The operation.</param>
/// <param name="history">Where the log is.</param>
internal sealed class OperationLog(SqlSession session, NewOperation operation, HistoryTables history)
{
    private static readonly SqlColumn[] EventColumns =
    [
        new("at", SqlType.Integer), new("operation", SqlType.Integer), new("task_id", SqlType.Text), new("kind", SqlType.Text),
        new("undoable", SqlType.Integer),
        new("before", SqlType.Text), new("after", SqlType.Text), new("revision", SqlType.Text), new("details", SqlType.Text),
    ];

    private RowStatement? _appending;
    private long? _seq;

    /// <summary>The one time of all changes of this transaction.</summary>
    public DateTimeOffset At => session.Now;

    /// <summary>
    /// The operation's key in the log; the operation is written with its first event, so that one without effect leaves nothing.
    /// </summary>
    public long Begin()
    {
        if (_seq is { } known)
        {
            return known;
        }

        var schema = history.OpenLog(session).Name;
        _appending = RowStatement.Insert(schema + ".event", EventColumns);
        _seq = HistoryWriter.AddOperation(session, schema, new QueueOperation
        {
            Id = operation.Id,
            Kind = operation.Kind,
            At = At,
            Actor = operation.Actor,
            Reason = operation.Reason,
            Undoes = operation.Undoes,
            Tasks = 0,
            Queue = "",
        });
        return _seq.Value;
    }

    /// <summary>Appends an event of one task.</summary>
    /// <param name="kind">What the log calls it.</param>
    /// <param name="isUndoable">Whether an undo takes it back; see <see cref="TaskEvent.IsUndoable"/>.</param>
    /// <param name="taskId">The task.</param>
    /// <param name="before">The task before; null where there was none.</param>
    /// <param name="after">The task after; null where there is none any more.</param>
    /// <param name="details">What the states do not tell.</param>
    public void Append(string kind, bool isUndoable, string taskId, QueueTask? before, QueueTask? after, string? details)
    {
        var changed = TaskDifference.Between(before, after);
        var seq = Begin();
        session.WriteRow(
            _appending!,
            ("$at", At.ToUnixTimeMilliseconds()),
            ("$operation", seq),
            ("$task_id", taskId),
            ("$kind", kind),
            ("$undoable", isUndoable ? 1 : 0),
            ("$before", changed.Before),
            ("$after", changed.After),
            ("$revision", after?.Revision),
            ("$details", details));
    }
}
