using System.Globalization;

namespace TaskQueue;

/// <summary>How long tasks of a type usually run, and whether an operator's limit lies below that.</summary>
internal static class UsualTimes
{
    // The newest say how it is now, and reading them takes a moment however large the queue is.
    private const int MostRead = 10_000;

    // One in a hundred cannot be told from a handful.
    private const int FewestSamples = 20;

    /// <summary>A remark for each type of <paramref name="judged"/> whose own p99 is above <paramref name="maxAge"/>.</summary>
    public static IEnumerable<string> RemarksOn(
        ITaskStore store, IEnumerable<StuckTask> judged, TimeSpan maxAge, CancellationToken cancellation)
    {
        var types = judged.Where(task => task.IsOldEnough).Select(task => task.Type).Distinct(StringComparer.Ordinal).ToList();
        if (types.Count == 0)
        {
            return [];
        }

        var times = types.ToDictionary(type => type, _ => new List<long>(), StringComparer.Ordinal);
        // Those that ended well: one that was stopped because it hung says nothing of how long its type needs.
        var finished = new TaskQuery
        {
            Statuses = [QueueTaskStatus.Success],
            NewestFirst = true,
            Limit = MostRead,
            IncludePayload = false,
        };
        foreach (var task in store.Read(finished, cancellation))
        {
            if (times.TryGetValue(task.Type, out var ofType) && task is { StartedAt: { } from, CompletedAt: { } to } && to >= from)
            {
                ofType.Add((to - from).Ticks);
            }
        }

        return types
            .Select(type => (Type: type, Usual: Percentiles.Of(times[type])))
            .Where(type => type.Usual is { Count: >= FewestSamples } usual && usual.P99 > maxAge)
            .Select(type => Remark(type.Type, type.Usual!, maxAge))
            .ToList();
    }

    private static string Remark(string type, Percentiles usual, TimeSpan maxAge) => string.Create(
        CultureInfo.InvariantCulture,
        $"The limit of {Duration.Format(maxAge)} is below what '{type}' takes by itself: one in a "
            + $"hundred ran longer than {Duration.Format(usual.P99)} (p99 of {usual.Count:N0}). Give a higher limit for it.");
}
