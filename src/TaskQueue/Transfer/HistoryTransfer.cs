namespace TaskQueue;

/// <summary>
/// Takes the history of one queue over into another: operations are known by their ids, so that a rerun adds only what is new.
/// </summary>
internal static class HistoryTransfer
{
    private const int MostOperations = 500;
    private const int MostEvents = 500;
    private const long MostCharacters = 4 * 1024 * 1024;

    /// <summary>Copies all operations with their events; returns how many events were new.</summary>
    public static long Copy(IOperationHistory source, IOperationHistory destination, CancellationToken cancellation)
    {
        long added = 0;
        foreach (var batch in InBatches(New(source, destination, cancellation)))
        {
            cancellation.ThrowIfCancellationRequested();
            added += destination.Import(batch, cancellation);
        }

        return added;
    }

    /// <summary>
    /// The operations that are not here with as many events, the oldest first as they were written, in pieces of bounded size.
    /// </summary>
    private static IEnumerable<OperationWithEvents> New(
        IOperationHistory source, IOperationHistory destination, CancellationToken cancellation)
    {
        var operations = source.ReadOperations(new OperationQuery(), cancellation).ToList();
        operations.Reverse();
        foreach (var operation in operations)
        {
            var here = destination.ReadOperations(new OperationQuery { Id = operation.Id }, cancellation).FirstOrDefault();
            if (here?.Tasks >= operation.Tasks)
            {
                continue;
            }

            if (operation.Tasks == 0)
            {
                yield return new OperationWithEvents(operation, []);
            }

            foreach (var events in InPieces(source.ReadEvents(new EventQuery { OperationId = operation.Id }, cancellation)))
            {
                yield return new OperationWithEvents(operation, events);
            }
        }
    }

    private static IEnumerable<List<TaskEvent>> InPieces(IEnumerable<TaskEvent> events)
    {
        var piece = new List<TaskEvent>();
        long characters = 0;
        foreach (var logged in events)
        {
            piece.Add(logged);
            characters += (logged.BeforeJson?.Length ?? 0) + (logged.AfterJson?.Length ?? 0) + (logged.Details?.Length ?? 0);
            if (piece.Count >= MostEvents || characters >= MostCharacters)
            {
                yield return piece;
                piece = [];
                characters = 0;
            }
        }

        if (piece.Count > 0)
        {
            yield return piece;
        }
    }

    /// <summary>One transaction each: an operation by itself would cost a sync of the disk.</summary>
    private static IEnumerable<List<OperationWithEvents>> InBatches(IEnumerable<OperationWithEvents> operations)
    {
        var batch = new List<OperationWithEvents>();
        var events = 0;
        foreach (var operation in operations)
        {
            batch.Add(operation);
            events += operation.Events.Count;
            if (events >= MostEvents || batch.Count >= MostOperations)
            {
                yield return batch;
                batch = [];
                events = 0;
            }
        }

        if (batch.Count > 0)
        {
            yield return batch;
        }
    }
}
