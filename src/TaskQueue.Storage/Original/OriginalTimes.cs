using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>
/// The times of a file of the original: a <c>T</c> means its service's local time, a space means UTC. The service's offset is
/// read from its rows or given by the operator; the zone of this machine never plays a part.
/// </summary>
/// <param name="offset">The service's UTC offset, null while nothing tells it: then its local times cannot be read.</param>
/// <param name="isGiven">The operator gave it: then no row knows better.</param>
internal sealed class OriginalTimes(TimeSpan? offset, bool isGiven)
{
    /// <summary>14 hours: no time zone is farther from UTC.</summary>
    public static readonly TimeSpan LargestOffset = TimeSpan.FromHours(14);

    // Rows of each status: enough to outvote stray rows, and as cheap for a million rows as for a thousand.
    private const int SampleRows = 500;

    // Every zone in use is a multiple of a quarter hour from UTC.
    private static readonly TimeSpan QuarterHour = TimeSpan.FromMinutes(15);

    // The service writes both times in one statement, which may wait 5 s for a lock. A larger difference means that the row was changed
    // later.
    private static readonly TimeSpan LargestResidual = TimeSpan.FromSeconds(10);

    public TimeSpan? Offset { get; } = offset;

    public bool IsGiven { get; } = isGiven;

    /// <summary>
    /// The times of one row, by the offset that its own local time and updated_at tell. The service's clock may have been set
    /// to another zone, or to summer time, since most rows were written.
    /// </summary>
    public OriginalTimes Of(object local, object updated) =>
        !IsGiven && OffsetBetween(local, updated) is { } own && own != Offset ? new OriginalTimes(own, isGiven: false) : this;

    /// <summary>
    /// The service's offset as most rows tell it: those that a running or finished task got its local time and updated_at,
    /// which is UTC, in one statement. Tasks never started are asked only if no other row says anything. Null if none does.
    /// </summary>
    public static TimeSpan? Infer(SqlSession session) =>
        MostFrequent(
            [
                .. Sample(session, "running", "started_at"), .. Sample(session, "success", "completed_at"),
                .. Sample(session, "failed", "completed_at"),
            ])
        ?? MostFrequent(Sample(session, "pending", "created_at"));

    /// <summary>UTC in the form the original gives it.</summary>
    public static string WriteUtc(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The service's local time in the form its service gives it: microseconds, left out when they are zero.</summary>
    /// <exception cref="QueueUnavailableException">The service's offset is unknown.</exception>
    public string WriteLocal(DateTimeOffset time)
    {
        if (Offset is not { } known)
        {
            throw new QueueUnavailableException(
                "The original's service keeps local times, and no row of the queue tells their UTC offset.",
                new Advice.GiveUtcOffset());
        }

        var clock = time.UtcDateTime + known;
        var hasFraction = clock.Ticks % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerMicrosecond;
        return clock.ToString(hasFraction ? "yyyy-MM-dd'T'HH:mm:ss.ffffff" : "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>The offsets that the newest rows of a status tell.</summary>
    private static List<TimeSpan> Sample(SqlSession session, string status, string localColumn) =>
    [
        .. session.Rows(
            $"SELECT {localColumn}, updated_at FROM task_queue WHERE status = $status ORDER BY id DESC LIMIT $limit",
            row => OffsetBetween(row.GetValue(0), row.GetValue(1)),
            ("$status", status),
            ("$limit", SampleRows)).OfType<TimeSpan>(),
    ];

    private static TimeSpan? OffsetBetween(object local, object updated)
    {
        if (local is not string localText || OriginalTime.Parse(localText) is not { Offset: null } localTime
            || updated is not string updatedText || OriginalTime.Parse(updatedText) is not { Offset: { Ticks: 0 } } utcTime)
        {
            return null;
        }

        var difference = localTime.Clock - utcTime.Clock;
        var offset = QuarterHour * Math.Round(difference / QuarterHour);
        return (difference - offset).Duration() <= LargestResidual && offset.Duration() <= LargestOffset ? offset : null;
    }

    /// <summary>Null without votes, and on a tie: ages that are wrong by hours are worse than none.</summary>
    private static TimeSpan? MostFrequent(List<TimeSpan> offsets)
    {
        var votes = offsets
            .GroupBy(offset => offset)
            .Select(group => (Offset: group.Key, Count: group.Count()))
            .OrderByDescending(vote => vote.Count)
            .ToList();
        return votes.Count == 0 || (votes.Count > 1 && votes[0].Count == votes[1].Count) ? null : votes[0].Offset;
    }
}
