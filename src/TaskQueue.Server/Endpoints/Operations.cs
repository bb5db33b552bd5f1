using System.ComponentModel.DataAnnotations;

namespace TaskQueue.Server;

/// <summary>What was done to the queue and its tasks, by whom and why, and how it is undone.</summary>
internal static class Operations
{
    private const int MostEvents = 10_000;

    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapGet("/operations", List);
        tasks.MapGet("/operations/{operation}", Show);
        tasks.MapPost("/operations/{operation}/undo", Undo);
        tasks.MapGet("/{id}/history", History);
    }

    /// <summary>The newest operations.</summary>
    /// <param name="limit">How many at most, 1 to 1000.</param>
    /// <param name="kind">Only operations of this kind, such as cleanup or force cancel.</param>
    /// <param name="newer_than_hours">Only operations that began less than so many hours ago.</param>
    internal static ListAnswer<OperationBody> List(
        QueueAccess queue,
        CancellationToken cancellation,
        [Range(1, 1000, ErrorMessage = "limit is a whole number from {1} to {2}.")] int limit = 100,
        string? kind = null,
        [Range(0.0, 8_760_000.0, ErrorMessage = "newer_than_hours is a number from {1} to {2}.")] double? newer_than_hours = null)
    {
        var store = queue.ForReading();
        var times = ApiTimes.Of(store);
        var query = new OperationQuery
        {
            Kind = kind, NewerThan = newer_than_hours is { } hours ? TimeSpan.FromHours(hours) : null, Newest = limit,
        };
        var operations = store.History.ReadOperations(query, cancellation).Select(operation => OperationBody.Of(operation, times)).ToList();
        return new ListAnswer<OperationBody>(operations, operations.Count);
    }

    /// <summary>What an operation did to each task, the oldest event first; at most 10000 events.</summary>
    /// <param name="operation">Its id, or a beginning of it that no other has.</param>
    internal static ListAnswer<EventBody> Show(string operation, QueueAccess queue, CancellationToken cancellation)
    {
        var store = queue.ForReading();
        var found = store.History.Find(operation, cancellation);
        return new ListAnswer<EventBody>(Events(store, new EventQuery { OperationId = found.Id }, cancellation), found.Tasks);
    }

    /// <summary>
    /// Brings tasks back as they were before an operation, unless they have changed since. By default only the plan is shown; dry_run=false
    /// carries it out.
    /// </summary>
    /// <param name="operation">Its id, or a beginning of it that no other has.</param>
    /// <param name="dry_run">Show what would be done, and change nothing at all.</param>
    /// <param name="requeue">
    /// Bring tasks that were running back as pending in any case. They run once more, even if one is still at work where nobody can see it.
    /// </param>
    /// <param name="reason">Why, for the log.</param>
    internal static UndoAnswer Undo(
        string operation,
        QueueAccess queue,
        QueueMetrics metrics,
        HttpContext context,
        CancellationToken cancellation,
        bool dry_run = true,
        bool requeue = false,
        [Reason] string? reason = null)
    {
        var store = dry_run ? queue.ForReading() : queue.ForWriting();
        var found = store.History.Find(operation, cancellation);
        var workers = new WorkerDirectory(store);
        bool Lives(Guid worker) => workers.Lives(worker, cancellation);
        if (dry_run)
        {
            return UndoAnswer.Of(store.History.PlanUndo(found.Id, Lives, requeue, cancellation), ApiTimes.Of(store));
        }

        var undo = context.BeginOperation(NewOperation.Undo, reason);
        var report = store.History.Undo(found.Id, undo, Lives, requeue, cancellation);
        metrics.Count(undo, report.Restored.Count);
        return UndoAnswer.Of(report, ApiTimes.Of(store));
    }

    /// <summary>What happened to a task, even if it is gone. The oldest event comes first; at most 10000 events.</summary>
    internal static ListAnswer<EventBody> History(string id, QueueAccess queue, CancellationToken cancellation)
    {
        var store = queue.ForReading();
        var events = Events(store, new EventQuery { TaskId = id }, cancellation);
        return events.Count > 0 || store.Find(id, cancellation) is not null
            ? new ListAnswer<EventBody>(events, events.Count)
            : throw new TaskNotFoundException($"There is no task '{id}', and the history knows none.", "Ids are case-sensitive.");
    }

    private static List<EventBody> Events(ITaskStore store, EventQuery query, CancellationToken cancellation)
    {
        var times = ApiTimes.Of(store);
        return [.. store.History.ReadEvents(query, cancellation).Take(MostEvents).Select(happened => EventBody.Of(happened, times))];
    }
}
