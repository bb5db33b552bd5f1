namespace TaskQueue.Storage;

/// <summary>The history of a queue in an SQL database.</summary>
/// <param name="store">The queue.</param>
/// <param name="tables">Its tables.</param>
internal sealed class SqlHistory(SqlTaskStore store, QueueTables tables) : IOperationHistory
{
    private readonly LogReader _reader = new(store.Info.Queue);

    public IEnumerable<QueueOperation> ReadOperations(OperationQuery query, CancellationToken cancellation)
    {
        var now = store.Now;
        var left = query.Newest ?? long.MaxValue;
        (DateTimeOffset, long)? place = null;
        while (left > 0)
        {
            var page = Read<List<(long Seq, QueueOperation Operation)>>(
                [], (session, log) => _reader.Operations(session, log, query, now, place), cancellation);
            foreach (var (seq, operation) in page)
            {
                yield return operation;
                place = (operation.At, seq);
                if (--left == 0)
                {
                    yield break;
                }
            }

            if (page.Count < LogReader.PageRows)
            {
                yield break;
            }
        }
    }

    public IEnumerable<TaskEvent> ReadEvents(EventQuery query, CancellationToken cancellation)
    {
        (DateTimeOffset, long)? place = null;
        int read;
        do
        {
            var page = Read<List<(long Seq, TaskEvent Event)>>(
                [], (session, log) => _reader.Events(session, log, query, place), cancellation);
            foreach (var (seq, logged) in page)
            {
                yield return logged;
                place = (logged.Time, seq);
            }

            read = page.Count;
        }
        while (read == LogReader.PageRows);
    }

    public UndoResult PlanUndo(Guid operationId, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation) =>
        UndoOrPlan(operationId, null, workerLives, requeue, cancellation);

    public UndoResult Undo(
        Guid operationId, NewOperation undo, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation) =>
        UndoOrPlan(operationId, undo with { Undoes = operationId }, workerLives, requeue, cancellation);

    public HistoryExpiry Expire(HistoryRetention retention, CancellationToken cancellation)
    {
        var (eventsBefore, trashBefore) = (store.Now - retention.Events, store.Now - retention.Trash);
        if (!Read(false, (session, log) => HistoryWriter.HasOld(session, log, eventsBefore, trashBefore), cancellation))
        {
            return new HistoryExpiry(0, 0, 0);
        }

        var trash = InSteps((session, log) => HistoryWriter.DeleteTrash(session, log, trashBefore), cancellation);
        var events = InSteps((session, log) => HistoryWriter.DeleteEvents(session, log, eventsBefore), cancellation);
        var operations = InSteps((session, log) => HistoryWriter.DeleteOperations(session, log, eventsBefore), cancellation);
        return new HistoryExpiry(events, operations, trash);
    }

    public long Import(IReadOnlyList<OperationWithEvents> operations, CancellationToken cancellation) => store.WriteWith(
        session =>
        {
            var schema = tables.History.OpenLog(session).Name;
            return operations.Sum(recorded => (long)HistoryWriter.Add(session, schema, recorded));
        },
        cancellation);

    private UndoResult UndoOrPlan(
        Guid operationId, NewOperation? undo, Func<Guid, bool> workerLives, bool requeue, CancellationToken cancellation)
    {
        var (seq, undone) = Find(operationId, cancellation);
        // Asked before any transaction, since it reads the queue and looks at processes.
        var living = store.ReadWith(tables.Stops.UntoldWorkers, cancellation).Where(workerLives).ToHashSet();
        var undoing = new OperationUndo(tables, _reader, undone, seq, living, requeue);
        var tasks = new List<UndoneTask>();
        // Where the operation changed a task several times, all of it is undone together with the newest change.
        var judged = new HashSet<string>(StringComparer.Ordinal);
        var afterwards = new AfterCommit();
        long? place = long.MaxValue;
        while (place is { } from)
        {
            if (undo is null || !tasks.Exists(IsRestored))
            {
                place = UndoPage(from);
            }
            else if (!afterwards.Try("It was not all undone; repeated, it goes on with the rest", () => { place = UndoPage(from); }))
            {
                cancellation.ThrowIfCancellationRequested();
                break;
            }
        }

        return tasks.Count == 0
            ? throw NothingToUndo(undone)
            : Report(undone, tasks, undo, requeue) with { IsComplete = place is null, Warnings = afterwards.Warnings };

        // Where the next page begins; null if this was the last.
        long? UndoPage(long from)
        {
            var page = Read<List<(long Seq, string TaskId)>>(
                [], (session, log) => LogReader.UndoableTasks(session, log, seq, from), cancellation);
            var ids = page.Select(row => row.TaskId).Where(judged.Add).ToList();
            if (ids.Count > 0)
            {
                tasks.AddRange(undo is null ? Plan(undoing, ids, cancellation) : Execute(undoing, ids, undo, cancellation));
            }

            return page.Count < LogReader.PageRows ? null : page[^1].Seq;
        }
    }

    private List<UndoneTask> Plan(OperationUndo undoing, List<string> ids, CancellationToken cancellation) => Read<List<UndoneTask>>(
        [], (session, log) => [.. ids.Select(id => undoing.Undo(session, log, id, null))], cancellation);

    private List<UndoneTask> Execute(OperationUndo undoing, List<string> ids, NewOperation undo, CancellationToken cancellation) =>
        store.WriteWith(
            session =>
            {
                session.Announce();
                var log = new OperationLog(session, undo, tables.History);
                // The undo's operation is written first: what is undone is found through it.
                var schema = tables.History.OpenLog(session);
                return ids.Select(id => undoing.Undo(session, schema, id, log)).ToList();
            },
            cancellation);

    private static bool IsRestored(UndoneTask task) => task.SkipReason is null;

    private UndoResult Report(QueueOperation undone, List<UndoneTask> tasks, NewOperation? undo, bool requeue)
    {
        var restored = tasks.Where(IsRestored).ToList();
        var remarks = new List<string>();
        if (restored.Count == 0)
        {
            remarks.Add(undone.UndoneBy is { } by ? $"There was nothing left to undo: {by} undid it before." : "Nothing was changed.");
        }

        if (restored.Exists(task => task.Note is not null) && store.Info.Layout is QueueLayout.Original)
        {
            remarks.Add(requeue
                ? "The original's worker was not told: what it still runs may run a second time."
                : "The original's service never restarts a running task by itself. "
                    + "If it no longer works on one, clean that up, and requeue it for another try.");
        }

        return new UndoResult
        {
            Queue = store.Info.Queue,
            Undone = undone,
            IsPlanOnly = undo is null,
            OperationId = restored.Count > 0 ? undo?.Id : null,
            Restored = restored,
            Skipped = tasks.Where(task => !IsRestored(task)).ToList(),
            Remarks = remarks,
        };
    }

    private (long Seq, QueueOperation Operation) Find(Guid id, CancellationToken cancellation)
    {
        var found = Read<List<(long Seq, QueueOperation Operation)>>(
            [], (session, log) => _reader.Operations(session, log, new OperationQuery { Id = id }, store.Now, null), cancellation);
        return found.Count > 0
            ? found[0]
            : throw new OperationNotFoundException(
                $"The log of '{store.Info.Queue}' has no operation '{id}'.", new Advice.ListOperations());
    }

    private static TaskStateException NothingToUndo(QueueOperation operation) => new(
        $"The operation '{operation.Id}' ({operation.Kind}) cannot be undone.",
        operation.Tasks == 0
            ? new Advice.RestoreInsteadOfUndo()
            : "An undo takes back what an operator decided, such as a cancel, a cleanup or a removal. "
                + "Failures, recoveries and late results are facts.");

    /// <summary>Reads the log; <paramref name="none"/> where there is none.</summary>
    private T Read<T>(T none, Func<SqlSession, LogSchema, T> work, CancellationToken cancellation) =>
        store.ReadWith(session => tables.History.LogForReading(session) is { } log ? work(session, log) : none, cancellation);

    /// <summary>Repeats a step until it finds nothing, each time in a transaction of its own.</summary>
    private long InSteps(Func<SqlSession, LogSchema, int> step, CancellationToken cancellation)
    {
        long all = 0;
        int done;
        do
        {
            done = store.WriteWith(session => tables.History.LogForReading(session) is { } log ? step(session, log) : 0, cancellation);
            all += done;
        }
        while (done > 0);

        return all;
    }
}
