using System.ComponentModel.DataAnnotations;

namespace TaskQueue.Server;

/// <summary>What is in the queue.</summary>
internal static class TaskReading
{
    private const string Statuses = "^(pending|retry|running|success|failed|cancelled)$";
    private const string NotAStatus = "status is one of pending, retry, running, success, failed, cancelled.";
    private const string BadLimit = "limit is a whole number from {1} to {2}.";

    public static void Map(RouteGroupBuilder tasks)
    {
        tasks.MapGet("/", List);
        tasks.MapGet("/list", List);
        tasks.MapGet("/stats", Count);
        tasks.MapGet("/logs/recent", Recent);
        tasks.MapGet("/status/{id}", Find);
        tasks.MapGet("/{id}", Find);
    }

    /// <summary>The newest tasks, a page of them, and the counts of the queue.</summary>
    /// <param name="limit">How many at most, 1 to 1000. A page of very large tasks is shorter.</param>
    /// <param name="status">Only tasks in this status.</param>
    /// <param name="type">Only tasks of this type; may be given several times.</param>
    /// <param name="cursor">The next_cursor of the page before.</param>
    internal static TaskListAnswer List(
        QueueAccess queue,
        CancellationToken cancellation,
        [Range(1, 1000, ErrorMessage = BadLimit)] int limit = 100,
        [RegularExpression(Statuses, ErrorMessage = NotAStatus)] string? status = null,
        string[]? type = null,
        string? cursor = null)
    {
        var store = queue.ForReading();
        var times = ApiTimes.Of(store);
        var query = new TaskQuery
        {
            Statuses = string.IsNullOrEmpty(status) ? [] : [StatusNames.Parse(status)], Types = type ?? [], NewestFirst = true,
            Limit = limit,
        };
        var page = store.ReadPage(query, cursor, cancellation);
        var counts = store.CountByStatus(cancellation);
        return new TaskListAnswer(
            [.. page.Tasks.Select(task => TaskBody.Of(task, times))], Total(store, counts, query, cancellation), Summary.Of(counts),
            Stats.Of(counts), page.Next);
    }

    /// <summary>How many tasks wait, run and have ended.</summary>
    internal static DataAnswer<Stats> Count(QueueAccess queue, CancellationToken cancellation) =>
        new(Stats.Of(queue.ForReading().CountByStatus(cancellation)));

    /// <summary>The newest tasks and how they ended, without their data.</summary>
    /// <param name="limit">How many at most, 1 to 2000.</param>
    internal static ListAnswer<RecentTask> Recent(
        QueueAccess queue, CancellationToken cancellation, [Range(1, 2000, ErrorMessage = BadLimit)] int limit = 200)
    {
        var store = queue.ForReading();
        var times = ApiTimes.Of(store);
        var page = store.ReadPage(new TaskQuery { NewestFirst = true, Limit = limit }, null, cancellation);
        return new ListAnswer<RecentTask>(
            [
                .. page.Tasks.Select(task => new RecentTask(
                    task.Id, task.Type, task.StatusText, StoredJson.Of(task.ResultJson), task.ErrorMessage, times.Write(task.CreatedAt),
                    times.Write(task.CompletedAt))),
            ],
            store.CountByStatus(cancellation).Values.Sum());
    }

    /// <summary>One task.</summary>
    internal static DataAnswer<TaskBody> Find(string id, QueueAccess queue, CancellationToken cancellation)
    {
        var store = queue.ForReading();
        var task = store.Find(id, cancellation) ?? throw new TaskNotFoundException($"There is no task '{id}'.");
        return new DataAnswer<TaskBody>(TaskBody.Of(task, ApiTimes.Of(store)));
    }

    private static long Total(ITaskStore store, IReadOnlyDictionary<string, long> counts, TaskQuery query, CancellationToken cancellation)
    {
        var statuses = query.Statuses.Select(status => status.ToText()).ToList();
        // Counting by type goes over the whole queue, so it is done only where types are asked for.
        return query.Types.Count == 0
            ? counts.Where(count => statuses.Count == 0 || statuses.Contains(count.Key)).Sum(count => count.Value)
            : store.CountByType(cancellation)
                .Where(count => query.Types.Contains(count.Type) && (statuses.Count == 0 || statuses.Contains(count.StatusText)))
                .Sum(count => count.Tasks);
    }
}
