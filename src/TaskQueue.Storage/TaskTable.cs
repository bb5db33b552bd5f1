namespace TaskQueue.Storage;

/// <summary>The rows of the tasks: how a layout reads, adds, changes and deletes them.</summary>
internal abstract class TaskTable
{
    // A page ends early once its rows weigh this much: memory stays bounded however large the tasks' data are.
    private const long PageCharacters = 4 * 1024 * 1024;

    /// <summary>The key of the newest row, 0 without rows.</summary>
    public abstract string LastSeqSql { get; }

    /// <summary>Two columns: stored status, number of tasks.</summary>
    public abstract string CountByStatusSql { get; }

    /// <summary>Three columns: type, stored status, number of tasks.</summary>
    public abstract string CountByTypeSql { get; }

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if this layout has no place for something the task needs.</summary>
    public abstract void EnsureCanHold(NewTask task);

    /// <summary>Throws <see cref="LayoutNotSupportedException"/> if this layout cannot carry out the change.</summary>
    public abstract void EnsureSupports(TaskChange change);

    /// <summary>Reads a task from a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="includesPayload">Whether the row has what the task carries.</param>
    /// <param name="now">The time up to which the task's age counts.</param>
    public abstract TaskRow ReadRow(SqlRow row, bool includesPayload, DateTimeOffset now);

    /// <summary>Adds a task; null if its id is taken.</summary>
    /// <param name="session">The connection, in a transaction.</param>
    /// <param name="task">The task as it is to be.</param>
    /// <param name="source">The revision of the task in the queue it is imported from.</param>
    public abstract QueueTask? Insert(SqlSession session, QueueTask task, string? source);

    /// <summary>Adds tasks in their order: one outcome each.</summary>
    public virtual IReadOnlyList<QueueTask?> InsertAll(
        SqlSession session, IReadOnlyList<TaskToInsert> tasks, CancellationToken cancellation)
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

    /// <summary>True if no other change can lie between two revisions of a task. Where revisions cannot tell, it is possible.</summary>
    public virtual bool IsNext(string older, string newer) => true;

    public abstract void Delete(SqlSession session, TaskRow row);

    public abstract void DeleteAll(SqlSession session);

    /// <summary>
    /// Keeps everybody else from writing tasks until the transaction ends, in databases where a write transaction does not do that.
    /// </summary>
    public virtual void LockAll(SqlSession session)
    {
        // A SQLite file has one writer.
    }

    /// <summary>Reads a task.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="id">Its id.</param>
    /// <param name="includePayload">Data and result too.</param>
    /// <param name="forChange">Nobody else is to change it before the end of the transaction.</param>
    public TaskRow? Find(SqlSession session, string id, bool includePayload = true, bool forChange = false)
    {
        var found = session.Rows(FindSql(includePayload, forChange), row => ReadRow(row, includePayload, session.Now), ("$id", id));
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

    public TaskPage ReadPage(SqlSession session, TaskQuery query, long? last, int limit, DateTimeOffset now)
    {
        (string, object?)[] parameters = [.. PageParameters(query, now), ("$last", last ?? 0), ("$limit", limit)];
        long characters = 0;
        var (rows, areAll) = session.RowsWhile(
            PageSql(query, last is null), row => ReadRow(row, query.IncludePayload, now), Fits, parameters);
        return new TaskPage(rows, IsLast: areAll && rows.Count < limit);

        bool Fits(TaskRow row)
        {
            characters += TaskPayload.CharactersOf(row.Task);
            return characters < PageCharacters;
        }
    }

    /// <summary>The statement for the task with the id $id; see <see cref="Find"/>.</summary>
    protected abstract string FindSql(bool includePayload, bool forChange);

    /// <summary>The statement for a page of <paramref name="query"/>: rows beyond $last in key order, at most $limit.</summary>
    protected abstract string PageSql(TaskQuery query, bool isFirst);

    /// <summary>The values of <see cref="PageSql"/>'s parameters but $last and $limit, in the order they stand in it.</summary>
    protected abstract (string, object?)[] PageParameters(TaskQuery query, DateTimeOffset now);
}
