using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue.PowerShell;

/// <summary>
/// Times and numbers in the text of a record. Export-Csv writes them as the session's culture does, people write ISO 8601, and other machines what they please: what could mean two
/// things is refused, since a task that is due in the wrong month is worse than one that is not put in.
/// </summary>
internal static partial class RecordText
{
    // How PowerShell writes times of objects that cross a job's boundary.
    private const string JobFormat = "MM/dd/yyyy HH:mm:ss zzz";

    /// <param name="text">The text.</param>
    /// <param name="isFromJob">It is of an object that crossed a job's boundary.</param>
    /// <exception cref="FormatException">It is no time, or could be two.</exception>
    public static DateTimeOffset Time(string text, bool isFromJob)
    {
        var here = isFromJob ? CultureInfo.InvariantCulture : CultureInfo.CurrentCulture;
        if (YearFirst().IsMatch(text))
        {
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var iso) ? iso : throw NoTime(text);
        }

        // As Export-Csv of this session wrote it.
        var format = $"{here.DateTimeFormat.ShortDatePattern} {here.DateTimeFormat.LongTimePattern}";
        if (DateTimeOffset.TryParseExact(text, [$"{format} zzz", format], here, DateTimeStyles.AssumeLocal, out var written)
            || DateTimeOffset.TryParseExact(text, JobFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out written))
        {
            return written;
        }

        var isReadHere = DateTimeOffset.TryParse(text, here, DateTimeStyles.AssumeLocal, out var local);
        var isReadAnywhere = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var invariant);
        return isReadHere && isReadAnywhere && local == invariant ? local : throw NoTime(text);
    }

    /// <exception cref="FormatException">It is no number.</exception>
    public static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var invariant) ? invariant
        : double.TryParse(text, NumberStyles.Float, CultureInfo.CurrentCulture, out var local) ? local
        : throw new FormatException($"'{text}' cannot be read: it is no number.");

    private static FormatException NoTime(string text) =>
        new($"'{text}' cannot be read: it is no time, or could be two. Write the year first, such as 2026-04-03T10:02:00Z.");

    [GeneratedRegex(@"^\s*\d{4}[-/.]?\d{1,2}")]
    private static partial Regex YearFirst();
}
