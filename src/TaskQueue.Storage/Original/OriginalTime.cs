using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>A time as the original's text tells it.</summary>
/// <param name="Clock">What the clock showed.</param>
/// <param name="Offset">
/// That clock's UTC offset: the one the text ends with; else zero if a space parts date and time, since such times are UTC;
/// else, after a <c>T</c>, null: the local time of the service that wrote it.
/// </param>
internal readonly record struct OriginalTime(DateTime Clock, TimeSpan? Offset)
{
    // yyyy-MM-dd HH:mm:ss
    private const int SecondsEnd = 19;

    // .NET counts in units of 100 ns.
    private const int MostFractionDigits = 7;

    private static readonly string[] OffsetFormats = [@"hh\:mm", "hhmm", "hh"];

    /// <summary>Null if the text is no time.</summary>
    public static OriginalTime? Parse(string text)
    {
        var rest = text.AsSpan().TrimEnd();
        if (rest.Length < SecondsEnd || rest[10] is not ('T' or ' '))
        {
            return null;
        }

        var isLocal = rest[10] is 'T';
        if (!DateTime.TryParseExact(
            rest[..SecondsEnd], isLocal ? "yyyy-MM-dd'T'HH:mm:ss" : "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture,
            DateTimeStyles.None, out var clock))
        {
            return null;
        }

        rest = rest[SecondsEnd..];
        if (!TryTakeFraction(ref rest, out var fraction))
        {
            return null;
        }

        clock += fraction;
        if (rest.IsEmpty)
        {
            return new OriginalTime(clock, isLocal ? null : TimeSpan.Zero);
        }

        return ParseOffset(rest.TrimStart()) is { } own ? new OriginalTime(clock, own) : null;
    }

    /// <summary>The moment meant; null for a local time while the service's offset is unknown.</summary>
    public DateTimeOffset? At(TimeSpan? serviceOffset)
    {
        if ((Offset ?? serviceOffset) is not { } offset)
        {
            return null;
        }

        // Years 1 and 9999 can fall off the calendar.
        var ticks = Clock.Ticks - offset.Ticks;
        return ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks ? null : new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private static bool TryTakeFraction(ref ReadOnlySpan<char> rest, out TimeSpan fraction)
    {
        fraction = TimeSpan.Zero;
        if (rest is not ['.', ..])
        {
            return true;
        }

        rest = rest[1..];
        var end = rest.IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? rest.Length : end;
        if (digits is < 1 or > MostFractionDigits)
        {
            return false;
        }

        var ticks = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        for (var missing = MostFractionDigits - digits; missing > 0; missing--)
        {
            ticks *= 10;
        }

        fraction = TimeSpan.FromTicks(ticks);
        rest = rest[digits..];
        return true;
    }

    private static TimeSpan? ParseOffset(ReadOnlySpan<char> text)
    {
        if (text is "Z")
        {
            return TimeSpan.Zero;
        }

        if (text is not ['+' or '-', ..]
            || !TimeSpan.TryParseExact(text[1..], OffsetFormats, CultureInfo.InvariantCulture, out var offset)
            || offset > OriginalTimes.LargestOffset)
        {
            return null;
        }

        return text[0] is '-' ? -offset : offset;
    }
}
