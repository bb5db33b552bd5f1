using System.Globalization;

namespace TaskQueue;

/// <summary>
/// When a task was lately taken back from workers that stopped answering, and whether its attempt had begun. From it follows whether the task is under suspicion
/// of killing its workers: then it runs alone, so that it convicts nobody but itself.
/// </summary>
/// <param name="Text">
/// As it is stored: unix milliseconds with commas between them, the oldest first, with a minus in front where the attempt was not known to have begun. Null for
/// none.
/// </param>
public readonly record struct RecoveryHistory(string? Text)
{
    /// <summary>What lies further back counts no more: a task that runs for weeks meets many a deploy.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(72);

    // The first may have been anybody's fault who ran beside it.
    private const int StartedUntilSuspect = 2;

    // A task that kills its worker before anybody could note that it began shows only in this.
    private const int NotBegunUntilSuspect = 3;

    // Beyond this it is taken for one that kills its worker even before it can begin, as by its mere data.
    private const int NotBegunUntilCharged = 20;

    /// <summary>How many attempts that had begun were taken back within the window.</summary>
    public int StartedWithin(DateTimeOffset now) => Within(now).Count(time => time > 0);

    /// <summary>True if the task may be what kills its workers: it is to run with nothing beside it.</summary>
    public bool IsSuspect(DateTimeOffset now) =>
        Text is not null && (StartedWithin(now) >= StartedUntilSuspect || NotBegunWithin(now) >= NotBegunUntilSuspect);

    /// <summary>True if the task was given back without having begun for so often that it counts as the cause.</summary>
    public bool IsNeverBeginning(DateTimeOffset now) => Text is not null && NotBegunWithin(now) >= NotBegunUntilCharged;

    /// <summary>The history with a recovery at <paramref name="now"/>, without what counts no more.</summary>
    public RecoveryHistory With(DateTimeOffset now, bool hadBegun)
    {
        var time = now.ToUnixTimeMilliseconds();
        return new(string.Join(',', Within(now).Append(hadBegun ? time : -time).Select(known => known.ToString(CultureInfo.InvariantCulture))));
    }

    public override string ToString() => Text ?? "";

    private int NotBegunWithin(DateTimeOffset now) => Within(now).Count(time => time < 0);

    private IEnumerable<long> Within(DateTimeOffset now)
    {
        var since = (now - Window).ToUnixTimeMilliseconds();
        // A clock that was set back makes times of the future, which count as well.
        return (Text ?? "").Split(',')
            .Select(text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var time) ? time : 0)
            .Where(time => time > since || time < -since);
    }
}
