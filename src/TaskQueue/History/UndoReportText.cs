using System.Globalization;

namespace TaskQueue;

/// <summary>What a person reads after an undo.</summary>
internal static class UndoReportText
{
    // Enough to see what it is about; all are on the report's properties.
    private const int MostShown = 20;

    public static string Write(UndoReport report, int columns)
    {
        var text = new ReportText(columns);
        var undone = report.Undone;
        var what = string.Create(CultureInfo.InvariantCulture, $"{undone.Kind} of {undone.At.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz} by {undone.User}@{undone.Machine}");
        text.Plain(report.IsPlanOnly ? $"Undo of the {what}, plan only: nothing was changed" : $"Undo of the {what}");
        text.Plain();
        text.Line("restored", ReportText.Count(report.Restored.Count), Statuses(report.Restored));
        List(text, report.Restored.Where(task => task.Note is not null).Select(task => $"{task.Id}: {task.Status}, {task.Note}").ToList());
        text.Line("skipped", ReportText.Count(report.Skipped.Count));
        List(text, report.Skipped.Select(task => $"{task.Id}: {task.SkipReason}").ToList());
        if (report.OperationId is { } id)
        {
            text.Line("undo", $"Undo-QueueOperation {DisplayText.OperationId(id)}");
        }

        foreach (var remark in report.Remarks)
        {
            text.Line("note", remark);
        }

        return text.ToString();
    }

    private static string? Statuses(IReadOnlyList<UndoneTask> restored) => restored.Count == 0
        ? null
        : string.Join(", ", restored.GroupBy(task => task.Status).Select(group => $"{ReportText.Count(group.Count())} {group.Key}"));

    private static void List(ReportText text, List<string> lines)
    {
        foreach (var line in lines.Take(MostShown))
        {
            text.Line("", line);
        }

        if (lines.Count > MostShown)
        {
            text.Line("", $"… and {ReportText.Count(lines.Count - MostShown)} more");
        }
    }
}
