using System.Globalization;

namespace TaskQueue;

/// <summary>What a person reads after an undo.</summary>
internal static class UndoReportText
{
    // Enough to see what the line is about. The report's properties have all of them.
    private const int MostNamed = 8;

    public static string Write(UndoReport report, int columns)
    {
        var text = new ReportText(columns);
        var undone = report.Undone;
        var what = string.Create(
            CultureInfo.InvariantCulture,
            $"{undone.Kind} of {undone.At.ToLocalTime():yyyy-MM-dd HH:mm:ss zzz} by {undone.User}@{undone.Machine}");
        text.Plain(report.IsPlanOnly ? $"Undo of the {what}, plan only: nothing was changed" : $"Undo of the {what}");
        text.Plain();
        text.Line("restored", Quantity.Of(report.Restored.Count), Statuses(report.Restored));
        List(text, report.Restored.Where(task => task.Note is not null), task => $"{task.Status}, {task.Note}");
        text.Line("skipped", Quantity.Of(report.Skipped.Count));
        List(text, report.Skipped, task => task.SkipReason!);
        if (report.OperationId is { } id)
        {
            text.Line("undo", $"Undo-QueueOperation {DisplayText.OperationId(id)}");
        }

        text.Notes(report.Remarks, report.Warnings);

        return text.ToString();
    }

    private static string? Statuses(IReadOnlyList<UndoneTask> restored) => restored.Count == 0
        ? null
        : string.Join(", ", restored.GroupBy(task => task.Status).Select(group => $"{Quantity.Of(group.Count())} {group.Key}"));

    /// <summary>Tasks with the same text share a line.</summary>
    private static void List(ReportText text, IEnumerable<UndoneTask> tasks, Func<UndoneTask, string> said)
    {
        foreach (var group in tasks.GroupBy(said))
        {
            var ids = string.Join(", ", group.Take(MostNamed).Select(task => TerminalText.Name(task.Id)));
            text.Line("", $"{ids}{(group.Count() > MostNamed ? $" and {Quantity.Of(group.Count() - MostNamed)} more" : "")}: {group.Key}");
        }
    }
}
