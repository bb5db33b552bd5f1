namespace TaskQueue;

/// <summary>The report as people read it.</summary>
internal static class CleanupReportText
{
    private const int LongestSkipList = 5;
    private const int LongestStatus = 40;

    public static string Write(CleanupReport report, int columns)
    {
        var text = new ReportText(columns);
        text.Plain(report.IsPlanOnly
            ? "Stuck task cleanup, plan only: nothing was changed"
            : CultureLine($"Stuck task cleanup  {report.JudgedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz}"));
        text.Plain();
        var maxAge = Duration.Format(report.MaxAge);
        var target = report.Requeue ? "pending" : "failed";
        text.Line("found", $"{Quantity.Of(report.Found.Count)} running");
        text.Line("stuck", $"{Quantity.Of(report.Stuck.Count)} (limit {maxAge})", report switch
        {
            { Stuck.Count: 0 } => null,
            { IsPlanOnly: true } => $"would become {target}",
            _ => $"{Quantity.Of(report.Cleaned.Count)} stopped, now {target}",
        });
        foreach (var tasks in report.Stuck.GroupBy(task => task.Verdict).OrderBy(group => group.Key.ToString(), StringComparer.Ordinal))
        {
            var oldest = tasks.MaxBy(task => task.Age)!;
            text.Line("", $"{Quantity.Of(tasks.Count())} {tasks.Key}", $"{TerminalText.Name(oldest.Id)}: {oldest.Evidence}");
        }

        foreach (var (reason, tasks) in report.Skipped.GroupBy(task => task.SkipReason).Select(group => (group.Key, group.ToList())))
        {
            var examples = string.Join(", ", tasks.Take(LongestSkipList).Select(Describe));
            text.Line("skipped", $"{Quantity.Of(tasks.Count)} {reason}", tasks.Count > LongestSkipList ? examples + ", …" : examples);
        }

        if (report.Backup is { } backup)
        {
            text.Line("backup", $"{Path.GetFileName(backup.Path)} {FormatBytes(backup.Bytes)}, verified");
        }

        if (report.OperationId is { } operation)
        {
            text.Line("undo", $"Undo-QueueOperation {DisplayText.OperationId(operation)}");
        }

        text.Notes(report.Remarks, report.Warnings);

        if (report.After is { } after)
        {
            text.Plain();
            WriteCounts(text, report.Before, after);
        }

        return text.ToString();
    }

    private static void WriteCounts(ReportText text, IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after)
    {
        text.Plain("  Status      Before     After");
        foreach (var status in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var name = TerminalText.ShortenMiddle(status, LongestStatus);
            text.Plain(CultureLine($"  {name,-10} {before.GetValueOrDefault(status),7} {after.GetValueOrDefault(status),9}"));
        }

        text.Plain(CultureLine($"  {"total",-10} {before.Values.Sum(),7} {after.Values.Sum(),9}"));
    }

    /// <summary>
    /// A task that is merely young is shown without its name. Any other is named, since somebody may want to look at a task with a live
    /// worker, or one that changed meanwhile.
    /// </summary>
    private static string Describe(StuckTask task) => task switch
    {
        { Age: null } => TerminalText.Name(task.Id),
        { IsOldEnough: true, Age: { } age } => $"{TerminalText.Name(task.Id)} ({Duration.FormatAge(age)} {task.Verdict})",
        { Verdict: StuckVerdict.Slow or StuckVerdict.Stalled, Age: { } age } =>
            $"{TerminalText.Name(task.Id)} ({Duration.FormatAge(age)} {task.Verdict})",
        { Age: { } age } => $"{Duration.FormatAge(age)} {task.Verdict}",
    };

    private static string CultureLine(FormattableString line) => FormattableString.Invariant(line);

    private static string FormatBytes(long bytes) => bytes switch
    {
        < 1024 * 1024 => FormattableString.Invariant($"{bytes / 1024d:0} KB"),
        < 1024L * 1024 * 1024 => FormattableString.Invariant($"{bytes / (1024d * 1024):0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / (1024d * 1024 * 1024):0.0} GB"),
    };
}
