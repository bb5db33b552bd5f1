using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>
/// Reads times and numbers from the text of a record. Export-Csv writes them in the session's culture, people write ISO 8601, and other
/// machines write other formats. A text with two possible meanings is refused: a task that is due in the wrong month is worse than a task
/// that is not put in.
/// </summary>
internal static partial class RecordText
{
    // How PowerShell writes times of objects that cross a job's boundary.
    private const string JobFormat = "MM/dd/yyyy HH:mm:ss zzz";

    // The orders in which people write a date in numbers.
    private static readonly DateTimeFormatInfo[] Orders =
        [.. new[] { "MM/dd/yyyy", "dd/MM/yyyy", "yyyy/MM/dd" }.Select(order => new DateTimeFormatInfo { ShortDatePattern = order })];

    /// <summary>False in a session that counts its years by the Buddhist, the Persian, the Islamic or another calendar.</summary>
    public static bool IsGregorianHere => CultureInfo.CurrentCulture.DateTimeFormat.Calendar is GregorianCalendar;

    /// <param name="text">The text.</param>
    /// <param name="isFromJob">True if the text is from an object that crossed a job's boundary.</param>
    /// <exception cref="FormatException">The text is not a time, or could be two.</exception>
    public static DateTimeOffset Time(string text, bool isFromJob)
    {
        // First the format in which Export-Csv of this session writes, since a year in front may be one of the session's calendar.
        var here = CultureInfo.CurrentCulture.DateTimeFormat;
        var format = $"{here.ShortDatePattern} {here.LongTimePattern}";
        // The invariant culture does not tell in which order people write dates. There only the format with an offset is taken, in which
        // the session itself writes the times of tasks.
        string[] own = CultureInfo.CurrentCulture.Name.Length == 0
            ? [$"{format} zzz"]
            : [WithPlainSpaces($"{format} zzz"), WithPlainSpaces(format)];
        if (!isFromJob
            && DateTimeOffset.TryParseExact(WithPlainSpaces(text), own, here, DateTimeStyles.AssumeLocal, out var written)
            && !IsOfOtherCalendar(written))
        {
            return written;
        }

        if (DateTimeOffset.TryParseExact(text, JobFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var crossed)
            && (isFromJob || !IsOfOtherCalendar(crossed)))
        {
            return crossed;
        }

        var formats = YearFirst().IsMatch(text)
            ? [DateTimeFormatInfo.InvariantInfo]
            : IsGregorianHere ? [here, .. Orders] : Orders;
        DateTimeOffset[] times = [.. formats.SelectMany(format => Parsed(text, format)).Distinct()];
        return times is [var only] && !IsOfOtherCalendar(only) ? only : throw NoTime(text);
    }

    /// <summary>A time that begins with year, month and day of the Gregorian calendar, with hyphens between them.</summary>
    /// <exception cref="FormatException">It is written otherwise, or its year is one of another calendar.</exception>
    public static DateTimeOffset GregorianTime(string text) =>
        IsoDate().IsMatch(text) && Parsed(text, DateTimeFormatInfo.InvariantInfo) is [var time] && !IsOfOtherCalendar(time)
            ? time
            : throw new FormatException(
                $"'{text}' could be of another calendar than the Gregorian. Write the year first, by the Gregorian calendar, such "
                    + "as 2026-04-03T10:02:00Z.");

    /// <exception cref="FormatException">The text is not a number.</exception>
    public static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var invariant) ? invariant
        : double.TryParse(text, NumberStyles.Float, CultureInfo.CurrentCulture, out var local) ? local
        : throw new FormatException($"'{text}' cannot be read: it is not a number.");

    private static FormatException NoTime(string text) =>
        new($"'{text}' cannot be read: it is not a time, or could be two. Write the year first, such as 2026-04-03T10:02:00Z.");

    // Newer cultures write a narrow no-break space before AM. Editors and people write the plain one.
    private static string WithPlainSpaces(string text) => text.Replace('\u202F', ' ').Replace('\u00A0', ' ');

    private static DateTimeOffset[] Parsed(string text, DateTimeFormatInfo format) =>
        DateTimeOffset.TryParse(text, format, DateTimeStyles.AssumeLocal, out var time) ? [time] : [];

    // The present is in the 1400s of the Persian and the Islamic calendar, and in the 2500s of the Buddhist. No task is of the Gregorian
    // 1400s. One may be due in the Gregorian 2500s, but hardly in a session that counts by another calendar.
    private static bool IsOfOtherCalendar(DateTimeOffset time) =>
        time.Year is >= 1300 and < 1600 || (!IsGregorianHere && time.Year is >= 2500 and < 2800);

    [GeneratedRegex(@"^\s*\d{4}-\d{1,2}-\d{1,2}")]
    private static partial Regex IsoDate();

    [GeneratedRegex(@"^\s*\d{4}[-/.]?\d{1,2}")]
    private static partial Regex YearFirst();
}
