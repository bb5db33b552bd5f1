using System.Globalization;

namespace TaskQueue;

/// <summary>
/// When a task was lately taken back from workers that stopped answering, and what that says of the task. From it follows whether the task
/// is under suspicion of killing its workers: then it runs alone, so that it convicts nobody but itself.
/// </summary>
/// <param name="Text">
/// As it is stored: unix milliseconds with commas between them, the oldest first, with a minus in front where the attempt was not known to
/// have begun, and a <c>d</c> where its worker had said that it ends. Null for none.
/// </param>
public readonly record struct RecoveryHistory(string? Text)
{
    /// <summary>Older recoveries do not count: a task that runs for weeks sees many deploys.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(72);

    private const string NotBegun = "-";
    private const string Drained = "d";

    // The first death may have been the fault of any task that ran beside it.
    private const int StartedUntilSuspect = 2;

    // A task that kills its worker before its beginning could be recorded shows only in this count.
    private const int NotBegunUntilSuspect = 3;

    // From this count on, the task is taken for one that kills its worker before it begins, for example by its data.
    private const int NotBegunUntilCharged = 20;

    // More than anybody deploys. Otherwise a task whose memory gets its worker evicted would go on for ever.
    private const int DrainedUntilCharged = 20;

    /// <summary>How many attempts that had begun were taken back within the window.</summary>
    public int StartedWithin(DateTimeOffset now) => CountWithin(now, "");

    /// <summary>True if the task may be what kills its workers: it is to run with nothing beside it.</summary>
    public bool IsSuspect(DateTimeOffset now) =>
        Text is not null && (StartedWithin(now) >= StartedUntilSuspect || CountWithin(now, NotBegun) >= NotBegunUntilSuspect);

    /// <summary>True if the task was given back without having begun for so often that it counts as the cause.</summary>
    public bool IsNeverBeginning(DateTimeOffset now) => Text is not null && CountWithin(now, NotBegun) >= NotBegunUntilCharged;

    /// <summary>True if the task's workers were told to end and then killed so often that it counts as the cause.</summary>
    public bool EndsItsWorkers(DateTimeOffset now) => Text is not null && CountWithin(now, Drained) >= DrainedUntilCharged;

    /// <summary>The history with a recovery at <paramref name="now"/>, without what counts no more.</summary>
    public RecoveryHistory With(DateTimeOffset now, bool hadBegun) => Added(now, hadBegun ? "" : NotBegun);

    /// <summary>The same for a recovery from a worker that had said that it ends.</summary>
    public RecoveryHistory WithDrained(DateTimeOffset now) => Added(now, Drained);

    public override string ToString() => Text ?? "";

    private RecoveryHistory Added(DateTimeOffset now, string kind) => new(string.Join(
        ',',
        Within(now)
            .Append((Kind: kind, Time: now.ToUnixTimeMilliseconds()))
            .Select(known => known.Kind + known.Time.ToString(CultureInfo.InvariantCulture))));

    private int CountWithin(DateTimeOffset now, string kind) => Within(now).Count(known => known.Kind == kind);

    private IEnumerable<(string Kind, long Time)> Within(DateTimeOffset now)
    {
        var since = (now - Window).ToUnixTimeMilliseconds();
        // A clock that was set back makes times of the future, which count as well.
        return (Text ?? "").Split(',').Select(Read).Where(known => known.Time > since);
    }

    private static (string Kind, long Time) Read(string text)
    {
        var kind = text.StartsWith(NotBegun, StringComparison.Ordinal)
            ? NotBegun
            : text.StartsWith(Drained, StringComparison.Ordinal) ? Drained : "";
        return long.TryParse(text.AsSpan(kind.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            ? (kind, time)
            : (kind, 0);
    }
}
