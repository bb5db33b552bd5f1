using System.Globalization;
using System.Text;

namespace TaskQueue;

/// <summary>The text of an <see cref="UndoReport"/>: what a person reads after an undo.</summary>
public static class UndoReportText
{
    // Enough to see what it is about; all are on the report's properties.
    private const int MostShown = 20;

    public static string Of(UndoReport report)
    {
        var text = new StringBuilder();
        var undone = report.Undone;
        Add(text, $"{(report.IsPlanOnly ? "Would undo" : "Undid")} {undone.Kind} {undone.Id} of {undone.At:yyyy-MM-dd HH:mm:ss} UTC by {undone.User}@{undone.Machine}");
        Add(text, $"Queue:    {report.Queue}");
        Add(text, $"Restored: {report.Restored.Count:N0}{Statuses(report.Restored)}");
        List(text, report.Restored.Where(task => task.Note is not null).Select(task => $"{task.Id}: {task.Status}, {task.Note}").ToList());
        Add(text, $"Skipped:  {report.Skipped.Count:N0}");
        List(text, report.Skipped.Select(task => $"{task.Id}: {task.SkipReason}").ToList());
        foreach (var remark in report.Remarks)
        {
            Add(text, $"Note:     {remark}");
        }

        if (report.OperationId is { } id)
        {
            Add(text, $"Operation: {id}");
        }

        return text.ToString().TrimEnd();
    }

    private static string Statuses(IReadOnlyList<UndoneTask> restored)
    {
        var statuses = restored.GroupBy(task => task.Status).Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Count():N0} {group.Key}"));
        return restored.Count == 0 ? "" : $" ({string.Join(", ", statuses)})";
    }

    private static void List(StringBuilder text, List<string> lines)
    {
        foreach (var line in lines.Take(MostShown))
        {
            Add(text, $"  {line}");
        }

        if (lines.Count > MostShown)
        {
            Add(text, $"  … and {lines.Count - MostShown:N0} more");
        }
    }

    private static void Add(StringBuilder text, FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
}
