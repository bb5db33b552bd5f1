namespace TaskQueue.Storage;

/// <summary>The table that holds the tasks: how a layout spells a task's row. The statements of one layout stand in one class.</summary>
internal abstract class TaskTable
{
    // A page ends early once its rows weigh this much: memory stays bounded however large the tasks' data are.
    private const long PageCharacters = 4 * 1024 * 1024;

    /// <summary>The SQL of the database it is in.</summary>
    public abstract SqlDialect Dialect { get; }

    /// <summary>The key of the newest row, 0 without rows.</summary>
    public abstract string LastSeqSql { get; }

    /// <summary>Two columns: stored status, number of tasks.</summary>
    public abstract string CountByStatusSql { get; }

    /// <summary>Three columns: type, stored status, number of tasks.</summary>
    public abstract string CountByTypeSql { get; }

    /// <summary>The unique key of a row of the trash.</summary>
    public abstract string TrashKey { get; }

    /// <summary>Makes the operations log ready to be written in the present transaction; returns the database schema it is in.</summary>
    public abstract string OpenLog(SqlSession session);

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if this layout has no place for something the task needs.</summary>
    public abstract void EnsureCanHold(NewTask task);

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if this layout cannot carry out the change.</summary>
    public abstract void EnsureSupports(TaskChange change);

    /// <summary>The statement for a page of <paramref name="query"/>: rows beyond $last in key order, at most $limit.</summary>
    protected abstract string PageSql(TaskQuery query, bool isFirst);

    /// <summary>The statement for the task with the id $id.</summary>
    /// <param name="includePayload">Data and result too.</param>
    /// <param name="forChange">Nobody else is to change it before the end of the transaction.</param>
    protected abstract string FindSql(bool includePayload, bool forChange);

    /// <summary>The same for a task in the trash of the operation $operation.</summary>
    protected abstract string FindRemovedSql { get; }

    protected abstract TaskRow ReadRow(SqlRow row, DateTimeOffset now);

    /// <summary>The values of <see cref="PageSql"/>'s parameters but $last and $limit, in the order they stand in it.</summary>
    protected abstract (string, object?)[] PageParameters(TaskQuery query, DateTimeOffset now);

    /// <summary>Adds a task; null if its id is taken.</summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="task">The task as it is to be.</param>
    /// <param name="source">The revision of the task in the queue it is imported from.</param>
    public abstract QueueTask? Insert(SqlSession session, QueueTask task, string? source);

    /// <summary>Adds tasks in their order: one outcome each.</summary>
    public virtual IReadOnlyList<QueueTask?> InsertAll(SqlSession session, IReadOnlyList<TaskToInsert> tasks, CancellationToken cancellation)
    {
        var inserted = new QueueTask?[tasks.Count];
        for (var index = 0; index < inserted.Length; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            inserted[index] = Insert(session, tasks[index].Task, tasks[index].Source);
        }

        return inserted;
    }

    /// <summary>Writes the row and returns the task with its new revision.</summary>
    public abstract QueueTask Update(SqlSession session, long seq, QueueTask before, QueueTask after, bool bumpsRevision);

    /// <summary>Deletes the row, to the trash of <paramref name="keepFor"/> if there is one.</summary>
    public abstract void Delete(SqlSession session, long seq, OperationLog? keepFor);

    /// <summary>
    /// Leaves word for the worker that held <paramref name="before"/>, whose claim was ended in the present transaction; false if
    /// there is no such worker, or the layout knows none.
    /// </summary>
    public abstract bool TellWorker(SqlSession session, QueueTask before);

    /// <summary>The same for all tasks that are running: to be called before they are replaced.</summary>
    public abstract void TellWorkers(SqlSession session);

    /// <summary>Keeps everybody else from writing tasks until the transaction ends, where a write transaction does not do that by itself.</summary>
    public virtual void LockAll(SqlSession session)
    {
        // A SQLite file has one writer.
    }

    public abstract void DeleteAll(SqlSession session);

    /// <summary>The log as it can be read on this connection; null where there is none. Never makes one.</summary>
    public abstract LogSchema? LogForReading(SqlSession session);

    /// <summary>Notes that a worker's result or release was refused: it knows now that its claim is over, and holds the task no more.</summary>
    public abstract void NoteRefusal(SqlSession session, string id, Guid token);

    /// <summary>The workers that have not been told of a stop.</summary>
    public abstract IReadOnlyList<Guid> UntoldWorkers(SqlSession session);

    /// <summary>How a task that was running can come back, and why so, in words.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="before">The task as it was.</param>
    /// <param name="living">The workers that live.</param>
    /// <param name="forChange">The answer is to hold until the end of the transaction.</param>
    public abstract (RunningReturn How, string Note) RunningReturnOf(SqlSession session, QueueTask before, IReadOnlySet<Guid> living, bool forChange);

    /// <summary>Withdraws the stop of <paramref name="before"/>, in the transaction that makes its claim hold again.</summary>
    public abstract void WithdrawStop(SqlSession session, QueueTask before);

    /// <summary>The removed task as it lies in the trash of an operation, without what it carries; null if it is not there.</summary>
    public QueueTask? FindRemoved(SqlSession session, long operation, string id) => session
        .Rows(FindRemovedSql, row => ReadRow(row, session.Now).Task, ("$operation", operation), ("$id", id))
        .FirstOrDefault();

    /// <summary>Puts the removed row back as it was, in its place in the order where that is free, and takes it out of the trash.</summary>
    public abstract void PutBack(SqlSession session, LogSchema log, long operation, string id);

    public TaskRow? Find(SqlSession session, string id, bool includePayload = true, bool forChange = false)
    {
        var found = session.Rows(FindSql(includePayload, forChange), row => ReadRow(row, session.Now), ("$id", id));
        return found.Count > 0 ? found[0] : null;
    }

    /// <summary>The tasks with these ids that are there, by id, in order to change them in the present transaction.</summary>
    public virtual Dictionary<string, TaskRow> FindForChange(
        SqlSession session, IReadOnlyCollection<string> ids, bool includePayload, CancellationToken cancellation)
    {
        var found = new Dictionary<string, TaskRow>(ids.Count, StringComparer.Ordinal);
        foreach (var id in ids)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Find(session, id, includePayload, forChange: true) is { } row)
            {
                found[id] = row;
            }
        }

        return found;
    }

    /// <summary>The last two columns of a row: what a task carries, or nothing of it.</summary>
    protected static string Payload(bool isIncluded) => isIncluded ? "data, result" : "NULL, NULL";

    public TaskPage ReadPage(SqlSession session, TaskQuery query, long? last, int limit, DateTimeOffset now)
    {
        (string, object?)[] parameters = [.. PageParameters(query, now), ("$last", last ?? 0), ("$limit", limit)];
        long characters = 0;
        var (rows, areAll) = session.RowsWhile(PageSql(query, last is null), row => ReadRow(row, now), Fits, parameters);
        return new TaskPage(rows, IsLast: areAll && rows.Count < limit);

        bool Fits(TaskRow row)
        {
            characters += (row.Task.DataJson?.Length ?? 0) + (row.Task.ResultJson?.Length ?? 0) + (row.Task.ErrorMessage?.Length ?? 0);
            return characters < PageCharacters;
        }
    }
}
