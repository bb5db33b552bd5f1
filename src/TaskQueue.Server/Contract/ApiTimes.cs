using System.Globalization;

namespace TaskQueue.Server;

/// <summary>
/// How times are written: ISO 8601 as Python writes it (microseconds, left out when they are zero), always with the offset. In the
/// original's layout they are by the clock of its service, so that the text begins like the stored one. Everywhere else they are UTC.
/// </summary>
internal readonly record struct ApiTimes(TimeSpan Offset)
{
    public static ApiTimes Of(ITaskStore store) => new(store.Info.UtcOffset ?? TimeSpan.Zero);

    public string? Write(DateTimeOffset? time) => time is { } known ? Write(known) : null;

    public string Write(DateTimeOffset time)
    {
        var clock = IsOnCalendar(time) ? time.ToOffset(Offset) : time;
        var hasFraction = clock.Ticks % TimeSpan.TicksPerSecond >= TimeSpan.TicksPerMicrosecond;
        return clock.ToString(hasFraction ? "yyyy-MM-dd'T'HH:mm:ss.ffffffzzz" : "yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
    }

    // With the offset, times in the years 1 and 9999 can lie outside of the calendar.
    private bool IsOnCalendar(DateTimeOffset time) =>
        time.UtcTicks + Offset.Ticks is >= 0 and var ticks && ticks <= DateTime.MaxValue.Ticks;
}
