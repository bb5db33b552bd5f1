namespace TaskQueue.Storage;

/// <summary>
/// Carries out what changes decide, in the present transaction. This is the one place where the effects of a <see cref="Transition"/> take
/// place, whatever the change.
/// </summary>
/// <param name="session">The connection, in a transaction.</param>
/// <param name="tables">The queue's tables.</param>
/// <param name="log">The operation's log.</param>
internal sealed class TransitionWriter(SqlSession session, QueueTables tables, OperationLog log)
{
    /// <summary>
    /// Applies a change to the row as it was read. Returns the outcome, and the row as it is left: null where there is none.
    /// </summary>
    public (TaskOutcome Outcome, TaskRow? Row) Apply(TaskChange change, TaskRow? row)
    {
        var before = row?.Task;
        var transition = before is null ? change.ApplyToMissing() : change.Apply(before, session.Now);
        var left = row;
        if (transition.Removes)
        {
            if (transition.KeepsForUndo)
            {
                tables.History.Keep(session, row!.Value.Seq, log);
            }

            tables.Tasks.Delete(session, row!.Value);
            left = null;
        }
        else if (transition.After is { } changed)
        {
            left = row!.Value with { Task = tables.Tasks.Update(session, row.Value.Seq, before!, changed, change.BumpsRevision) };
        }

        if (transition.EventKind is { } kind)
        {
            log.Append(kind, transition.IsUndoable, change.Id, before, left?.Task, transition.EventDetails);
        }

        if (transition.RefusedClaim is { } refused)
        {
            tables.Stops.NoteRefusal(session, change.Id, refused);
        }

        if (transition.IsNews)
        {
            session.Announce();
        }

        var told = transition.EndedClaim is { } ended && tables.Stops.Add(session, before!) ? ended : (Guid?)null;
        // A removed task is returned as it was.
        return (new TaskOutcome(change.Id, transition.Outcome, left?.Task ?? before) { EndedClaim = told }, left);
    }
}
