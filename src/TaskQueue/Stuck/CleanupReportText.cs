using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>The report as people read it, in at most 100 columns.</summary>
internal static class CleanupReportText
{
    private const int Columns = 100;
    private const int LabelColumns = 13;
    private const int LongestSkipList = 5;
    private const int LongestStatus = 40;

    public static string Write(CleanupReport report)
    {
        var text = new StringBuilder();
        text.AppendLine(report.IsPlanOnly
            ? "Stuck task cleanup, plan only: nothing was changed"
            : CultureLine($"Stuck task cleanup  {report.JudgedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}"));
        text.AppendLine();
        var maxAge = Duration.Format(report.MaxAge);
        var target = report.Requeue ? "pending" : "failed";
        Line(text, "found", $"{Count(report.Found.Count)} running");
        Line(text, "stuck", $"{Count(report.Stuck.Count)} older than {maxAge}", report switch
        {
            { Stuck.Count: 0 } => null,
            { IsPlanOnly: true } => $"would become {target}",
            _ => $"{Count(report.Cleaned.Count)} stopped, now {target}",
        });
        foreach (var tasks in report.Stuck.GroupBy(task => task.Verdict).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
        {
            var oldest = tasks.MaxBy(task => task.Age)!;
            Line(text, "", $"{Count(tasks.Count())} {tasks.Key}", $"{oldest.Id}: {oldest.Evidence}");
        }

        foreach (var (reason, tasks) in report.Skipped.GroupBy(task => task.SkipReason).Select(group => (group.Key, group.ToList())))
        {
            var examples = string.Join(", ", tasks.Take(LongestSkipList).Select(Describe));
            Line(text, "skipped", $"{Count(tasks.Count)} {reason}", tasks.Count > LongestSkipList ? examples + ", …" : examples);
        }

        if (report.Backup is { } backup)
        {
            Line(text, "backup", $"{Path.GetFileName(backup.Path)} {FormatBytes(backup.Bytes)}, verified");
        }

        if (report.OperationId is { } operation)
        {
            Line(text, "undo", $"Undo-QueueOperation {DisplayText.OperationId(operation)}");
        }

        foreach (var remark in report.Remarks)
        {
            Line(text, "note", remark);
        }

        if (report.After is { } after)
        {
            text.AppendLine();
            WriteCounts(text, report.Before, after);
        }

        return text.ToString().TrimEnd();
    }

    private static void WriteCounts(StringBuilder text, IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after)
    {
        text.AppendLine("  Status      Before     After");
        foreach (var status in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var name = Shorten(status, LongestStatus);
            text.AppendLine(CultureLine($"  {name,-10} {before.GetValueOrDefault(status),7} {after.GetValueOrDefault(status),9}"));
        }

        text.AppendLine(CultureLine($"  {"total",-10} {before.Values.Sum(),7} {after.Values.Sum(),9}"));
    }

    /// <summary>A line of two columns; what does not fit goes on under the first word of the text.</summary>
    private static void Line(StringBuilder text, string label, string first, string? second = null)
    {
        var head = $"  {label,-10} {first}";
        var line = second is null ? head : $"{head,-36} {second}";
        if (line.Length <= Columns)
        {
            text.AppendLine(line);
            return;
        }

        var start = $"  {label,-10} ";
        foreach (var part in Fold(first).Concat(second is null ? [] : Fold(second)))
        {
            text.Append(start).AppendLine(part);
            start = new string(' ', LabelColumns);
        }
    }

    private static IEnumerable<string> Fold(string text)
    {
        const int Width = Columns - LabelColumns;
        var line = "";
        foreach (var word in text.Split(' ').Select(word => Shorten(word, Width)))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > Width)
            {
                yield return line;
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        yield return line;
    }

    /// <summary>Cut in the middle: ids and file names differ at their ends.</summary>
    private static string Shorten(string word, int length) =>
        word.Length <= length ? word : $"{word[..(length / 2)]}…{word[^((length - 1) / 2)..]}";

    /// <summary>A task with a live worker by its name: somebody may want to look at it.</summary>
    private static string Describe(StuckTask task) => task switch
    {
        { Age: null } => task.Id,
        { Verdict: StuckVerdict.Slow or StuckVerdict.Stalled, Age: { } age } => $"{task.Id} ({Duration.FormatAge(age)} {task.Verdict})",
        { Age: { } age } => $"{Duration.FormatAge(age)} {task.Verdict}",
    };

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string CultureLine(FormattableString line) => FormattableString.Invariant(line);

    private static string FormatBytes(long bytes) => bytes switch
    {
        < 1024 * 1024 => FormattableString.Invariant($"{bytes / 1024d:0} KB"),
        < 1024L * 1024 * 1024 => FormattableString.Invariant($"{bytes / (1024d * 1024):0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / (1024d * 1024 * 1024):0.0} GB"),
    };
}
