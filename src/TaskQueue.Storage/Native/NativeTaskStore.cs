namespace TaskQueue.Storage;

/// <summary>
/// A queue in the native layout, in whatever database: what it holds beyond the tasks, and how it takes over those of another queue.
/// </summary>
internal abstract class NativeTaskStore : SqlTaskStore, IWorkSource
{
    public override IWorkerRegistry Workers => field ??= new NativeWorkers(this, NativeTable, Stops, HistoryTables, Dialect);

    protected sealed override QueueTables Tables => field ??= new(NativeTable, HistoryTables, Stops);

    protected abstract NativeTaskTable NativeTable { get; }

    protected abstract HistoryTables HistoryTables { get; }

    protected abstract SqlDialect Dialect { get; }

    private NativeClaimStops Stops => field ??= new(Dialect);

    public override IReadOnlyList<string> ClaimableTypes(CancellationToken cancellation) =>
        ReadWith(NativeTable.ClaimableTypes, cancellation);

    public override IReadOnlyList<QueueTask> FindClaimed(IReadOnlyCollection<Guid> tokens, CancellationToken cancellation) =>
        ReadWith(session => NativeTable.Claimed(session, tokens), cancellation);

    public override DateTimeOffset? NextDue(CancellationToken cancellation) => ReadWith(NativeTable.NextDue, cancellation);

    public override IReadOnlyList<ImportOutcome> Import(
        IReadOnlyList<QueueTask> tasks, ImportOptions options, NewOperation operation, CancellationToken cancellation)
    {
        return WriteWith<IReadOnlyList<ImportOutcome>>(
            session =>
            {
                session.Announce();
                session.Confirm();
                var prepared = tasks
                    .Select(task => new TaskToInsert(ImportPreparation.Prepare(task, options, session.Now), task.Revision))
                    .ToList();
                var inserted = NativeTable.InsertAll(session, prepared, cancellation);
                List<ImportOutcome> outcomes =
                [
                    .. prepared.Zip(inserted, (task, added) => added is null
                        ? ImportOverExisting(session, task, options)
                        : new ImportOutcome(added.Id, ImportOutcomeKind.Added, added)),
                ];
                if (outcomes.Exists(outcome => outcome.Kind is ImportOutcomeKind.Added or ImportOutcomeKind.Updated))
                {
                    _ = new OperationLog(session, operation, HistoryTables).Begin();
                }

                return outcomes;
            },
            cancellation);
    }

    /// <summary>
    /// First writes what can be decided by the holders' copies, without reading a row. What does not match is then read and decided as any
    /// other change.
    /// </summary>
    IReadOnlyList<TaskOutcome> IWorkSource.Change(
        IReadOnlyList<WorkerChange> changes, NewOperation operation, CancellationToken cancellation)
    {
        var outcomes = ChangeHeld(changes, cancellation);
        var left = Enumerable.Range(0, changes.Count).Where(index => outcomes[index] is null).ToList();
        if (left.Count > 0)
        {
            var read = Change([.. left.Select(index => changes[index])], operation, cancellation);
            foreach (var (index, outcome) in left.Zip(read))
            {
                outcomes[index] = outcome;
            }
        }

        return outcomes!;
    }

    /// <summary>The queue's clock, if it can be told without asking the database.</summary>
    protected abstract DateTimeOffset? KnownNow { get; }

    /// <summary>Runs work of a transaction, and then writes down what it has changed in the numbers of tasks.</summary>
    protected T Counting<TSession, T>(TSession session, Func<TSession, T> work)
        where TSession : SqlSession
    {
        session.Counts.Clear();
        var result = work(session);
        NativeTable.WriteCounts(session);
        return result;
    }

    /// <summary>Counts the tasks, and puts the numbers right that are kept of them. Others wait only if there is something to do.</summary>
    protected void CountAnew(CancellationToken cancellation)
    {
        if (ReadWith(AreCountsWrong, cancellation))
        {
            WriteWith(CountAnew, cancellation);
        }

        bool AreCountsWrong(SqlSession session)
        {
            session.LiftTimeLimit();
            return NativeTable.AreCountsWrong(session);
        }

        bool CountAnew(SqlSession session)
        {
            session.LiftTimeLimit();
            NativeTable.CountAnew(session);
            return true;
        }
    }

    /// <summary>Null for each change that has to read the task.</summary>
    private TaskOutcome?[] ChangeHeld(IReadOnlyList<WorkerChange> changes, CancellationToken cancellation)
    {
        var outcomes = new TaskOutcome?[changes.Count];
        var held = changes.Index().Where(change => change.Item.Claimed is not null).DistinctBy(change => change.Item.Id).ToList();
        if (held.Count == 0)
        {
            return outcomes;
        }

        held.ForEach(change => change.Item.Validate());
        // If possible outside of the transaction, which others wait for.
        var update = KnownNow is { } known ? Decide(held, known) : null;
        var changed = WriteWith(
            session =>
            {
                session.Confirm();
                return NativeTable.UpdateHeld(session, update ??= Decide(held, session.Now));
            },
            cancellation);
        foreach (var row in changed)
        {
            outcomes[row.Index] = new TaskOutcome(row.After.Id, TaskOutcomeKind.Applied, row.After);
        }

        return outcomes;
    }

    private static HeldUpdate Decide(IEnumerable<(int Index, WorkerChange Change)> held, DateTimeOffset now) => new(
        held
            .Select(change => (change.Index, Claimed: change.Change.Claimed!, To: change.Change.Apply(change.Change.Claimed!, now)))
            .Where(change => change.To.IsRowAlone)
            .Select(change => (change.Index, change.Claimed, change.To.After!)),
        now);

    /// <summary>What becomes of a task whose id is here.</summary>
    private ImportOutcome ImportOverExisting(SqlSession session, TaskToInsert imported, ImportOptions options)
    {
        var (task, source) = imported;
        TaskRow here;
        while (true)
        {
            if (NativeTable.Find(session, task.Id, forChange: true) is { } found)
            {
                here = found;
                break;
            }

            // Removed since its id was met.
            if (NativeTable.Insert(session, task, source) is { } added)
            {
                return new ImportOutcome(added.Id, ImportOutcomeKind.Added, added);
            }
        }

        if (!options.UpdateUntouched)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Duplicate, here.Task);
        }

        var (importedFrom, isUntouched) = NativeTable.ImportMark(session, here.Seq);
        if (!isUntouched)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Touched, here.Task);
        }

        if (importedFrom == source)
        {
            return new ImportOutcome(task.Id, ImportOutcomeKind.Unchanged, here.Task);
        }

        return new ImportOutcome(task.Id, ImportOutcomeKind.Updated, NativeTable.Replace(session, here, task, source));
    }
}
