namespace TaskQueue.Server;

/// <summary>How many tasks ended lately.</summary>
internal static class Activity
{
    public static void Map(RouteGroupBuilder tasks) => tasks.MapGet("/activity", Read);

    /// <summary>
    /// How many tasks ended in each of the last 24 hours, the oldest hour first. The counts are at most a minute old, on large queues a few
    /// minutes.
    /// </summary>
    internal static ActivityAnswer Read(RecentActivity activity, QueueAccess queue, CancellationToken cancellation) =>
        ActivityAnswer.Of(activity.Read(cancellation), ApiTimes.Of(queue.ForReading()));
}
