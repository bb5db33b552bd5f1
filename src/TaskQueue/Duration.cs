using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue;

/// <summary>
/// A length of time as people type it: <c>90s</c>, <c>30m</c>, <c>1h</c>, <c>1.5h</c>, <c>2d</c>, <c>1w</c>, <c>1h30m</c>,
/// or TimeSpan text with a colon such as <c>01:30:00</c>; 0 to 365,000 days.
/// </summary>
/// <remarks>
/// It has exactly these two constructors. A shell may read <c>90s</c> and <c>2d</c> as numbers; it hands a constructor that takes text the
/// characters that were typed. A constructor for numbers would get the number without its unit.
/// <para>It is equal to another of the same length, and so to a text or a TimeSpan that a shell makes a duration of to compare them.</para>
/// </remarks>
public sealed partial class Duration : IEquatable<Duration>, IComparable<Duration>, IComparable
{
    private static readonly string[] ColonFormats =
        [@"h\:mm", @"h\:mm\:ss", @"h\:mm\:ss\.FFFFFFF", @"d\.h\:mm", @"d\.h\:mm\:ss", @"d\.h\:mm\:ss\.FFFFFFF"];

    /// <summary>A bound for the sake of what is done with it: now minus a longer one would leave the calendar, and throw there.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(365_000);

    public Duration(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Value = Parse(text.Trim());
    }

    public Duration(TimeSpan value)
    {
        Value = value < TimeSpan.Zero ? throw Unreadable(value.ToString("c"), "It is negative.")
            : value > Longest ? throw TooLong(value.ToString("c"))
            : value;
    }

    public TimeSpan Value { get; }

    public static bool operator ==(Duration? left, Duration? right) => Equals(left, right);

    public static bool operator !=(Duration? left, Duration? right) => !Equals(left, right);

    public static bool operator <(Duration? left, Duration? right) => Comparer<Duration>.Default.Compare(left, right) < 0;

    public static bool operator <=(Duration? left, Duration? right) => Comparer<Duration>.Default.Compare(left, right) <= 0;

    public static bool operator >(Duration? left, Duration? right) => Comparer<Duration>.Default.Compare(left, right) > 0;

    public static bool operator >=(Duration? left, Duration? right) => Comparer<Duration>.Default.Compare(left, right) >= 0;

    /// <summary>Lets a shell compare a TimeSpan on the left with a duration on the right.</summary>
    public static explicit operator TimeSpan(Duration duration) => duration?.Value ?? throw new ArgumentNullException(nameof(duration));

    public TimeSpan ToTimeSpan() => Value;

    public bool Equals(Duration? other) => Value == other?.Value;

    public override bool Equals(object? obj) => Equals(obj as Duration);

    public override int GetHashCode() => Value.GetHashCode();

    public int CompareTo(Duration? other) => other is null ? 1 : Value.CompareTo(other.Value);

    public int CompareTo(object? obj) => obj switch
    {
        null => 1,
        Duration other => CompareTo(other),
        _ => throw new ArgumentException("It is not a duration.", nameof(obj)),
    };

    /// <summary>
    /// A text that is read as the same length: the short form for people (<see cref="Format"/>) where that is exact, else hours, minutes
    /// and seconds.
    /// </summary>
    public override string ToString() => Format(Value) is var text && Parse(text) == Value ? text : Value.ToString("c");

    /// <summary>For people, in one unit with at most one decimal: <c>45s</c>, <c>5.5m</c>, <c>1h</c>, <c>12.3d</c>.</summary>
    public static string Format(TimeSpan value)
    {
        var (amount, unit) = InOneUnit(value);
        return amount.ToString("0.#", CultureInfo.InvariantCulture) + unit;
    }

    /// <summary>
    /// For a column or a sentence about ages, always with one decimal but for seconds: <c>45s</c>, <c>5.0m</c>, <c>20.0h</c>.
    /// </summary>
    public static string FormatAge(TimeSpan value)
    {
        var (amount, unit) = InOneUnit(value);
        return amount.ToString(unit == "s" ? "0" : "0.0", CultureInfo.InvariantCulture) + unit;
    }

    // Not TimeSpan.Duration(), which the shortest time span of all has no value for.
    private static (double Amount, string Unit) InOneUnit(TimeSpan value) => Math.Abs(value.TotalMinutes) switch
    {
        < 1 => (value.TotalSeconds, "s"),
        // From 0.1 h on: the original's reports gave ages in hours, and a column of one unit can be compared at a glance.
        < 6 => (value.TotalMinutes, "m"),
        < 7 * 24 * 60 => (value.TotalHours, "h"),
        _ => (value.TotalDays, "d"),
    };

    private static TimeSpan Parse(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            // Exact formats only: TimeSpan.Parse would read 48:00:00 as 48 days.
            return TimeSpan.TryParseExact(text, ColonFormats, CultureInfo.InvariantCulture, out var value)
                ? value <= Longest ? value : throw TooLong(text)
                : throw Unreadable(text, "With a colon it is hours:minutes[:seconds], hours up to 23; write 48h or 2.00:00:00 for more.");
        }

        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _))
        {
            throw Unreadable(text, $"It has no unit: write {text}h for hours, {text}m for minutes or {text}s for seconds.");
        }

        var match = Units().Match(text);
        if (!match.Success)
        {
            throw Unreadable(text, "Write for example 90s, 30m, 1.5h, 2d, 1w or 1h30m.");
        }

        var ticks = match.Groups["amount"].Captures
            .Zip(match.Groups["unit"].Captures)
            .Sum(part => double.Parse(part.First.Value, CultureInfo.InvariantCulture) * TicksOf(part.Second.Value));
        return ticks <= Longest.Ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : throw TooLong(text);
    }

    private static double TicksOf(string unit) => unit.ToUpperInvariant() switch
    {
        "MS" => TimeSpan.TicksPerMillisecond,
        "S" => TimeSpan.TicksPerSecond,
        "M" => TimeSpan.TicksPerMinute,
        "H" => TimeSpan.TicksPerHour,
        "D" => TimeSpan.TicksPerDay,
        _ => 7d * TimeSpan.TicksPerDay,
    };

    private static FormatException TooLong(string text) => Unreadable(text, "It is longer than 365,000 days.");

    private static FormatException Unreadable(string text, string advice) => new($"'{text}' is not a duration. {advice}");

    [GeneratedRegex(
        @"^((?<amount>[0-9]{1,18}(\.[0-9]{1,9})?)(?<unit>ms|s|m|h|d|w))+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Units();
}
