using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>The report as people read it, in at most 100 columns.</summary>
internal static class CleanupReportText
{
    private const int LongestSkipList = 5;

    public static string Write(CleanupReport report)
    {
        var text = new StringBuilder();
        text.AppendLine(report.IsPlanOnly
            ? "Stuck task cleanup, plan only: nothing was changed"
            : CultureLine($"Stuck task cleanup  {report.JudgedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}"));
        text.AppendLine();
        var maxAge = Duration.Format(report.MaxAge);
        var target = report.Requeue ? "pending" : "failed";
        Line(text, "found", Count(report.Found.Count), "running");
        Line(text, "stuck", Count(report.Stuck.Count), $"older than {maxAge}", report switch
        {
            { Stuck.Count: 0 } => null,
            { IsPlanOnly: true } => $"would become {target}",
            _ => $"{Count(report.Cleaned.Count)} stopped, now {target}",
        });
        foreach (var (reason, tasks) in report.Skipped.GroupBy(task => task.SkipReason).Select(group => (group.Key, group.ToList())))
        {
            Line(text, "skipped", Count(tasks.Count), reason, string.Join(", ", tasks.Take(LongestSkipList).Select(Describe)) + (tasks.Count > LongestSkipList ? ", …" : null));
        }

        if (report.Backup is { } backup)
        {
            Line(text, "backup", Path.GetFileName(backup.Path), $"{FormatBytes(backup.Bytes)}, verified");
        }

        if (report.OperationId is { } operation)
        {
            Line(text, "operation", operation.ToString());
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
            text.AppendLine(CultureLine($"  {status,-10} {before.GetValueOrDefault(status),7} {after.GetValueOrDefault(status),9}"));
        }

        text.AppendLine(CultureLine($"  {"total",-10} {before.Values.Sum(),7} {after.Values.Sum(),9}"));
    }

    private static void Line(StringBuilder text, string label, string value, string? first = null, string? second = null)
    {
        var line = $"  {label,-10} {value}";
        line = first is null ? line : $"{line} {first}";
        text.AppendLine(second is null ? line : $"{line,-36} {second}");
    }

    private static string Describe(StuckTask task) =>
        task.Age is { } age ? $"{Duration.FormatAge(age)} {task.Verdict}" : task.Id;

    private static string Count(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string CultureLine(FormattableString line) => FormattableString.Invariant(line);

    private static string FormatBytes(long bytes) => bytes switch
    {
        < 1024 * 1024 => FormattableString.Invariant($"{bytes / 1024d:0} KB"),
        < 1024L * 1024 * 1024 => FormattableString.Invariant($"{bytes / (1024d * 1024):0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / (1024d * 1024 * 1024):0.0} GB"),
    };
}
