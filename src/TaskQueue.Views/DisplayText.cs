using System.Globalization;
using System.Text.Json;

namespace TaskQueue;

/// <summary>How the views of the module spell what a table shows.</summary>
public static class DisplayText
{
    /// <summary>An age or other duration; empty for none, negative where the clocks differ.</summary>
    public static string Age(TimeSpan? age) => age is { } known ? Duration.FormatAge(known) : "";

    /// <summary>
    /// The color of a task's status, a verdict or a worker's state: the name of a property of <c>$PSStyle.Foreground</c>, so that NO_COLOR
    /// and OutputRendering are obeyed. The state is a text, since values that crossed a job's boundary are no longer enumerations.
    /// </summary>
    public static string Color(string? state) => state switch
    {
        "Success" or "Healthy" => "Green",
        "Running" or "Working" => "Cyan",
        "Pending" or "Retry" or "Silent" or "Slow" or "Draining" or "Stopping" => "Yellow",
        "Failed" or "Dead" or "Stalled" => "Red",
        _ => "BrightBlack",
    };

    /// <summary>A time of the queue as it was on this machine's clock, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>
    /// The beginning of an operation's id, long enough to tell it from others: it is the time to the millisecond. All operations of the
    /// same minute would share fewer digits.
    /// </summary>
    public static string OperationId(Guid id) => id.ToString()[..13];

    /// <summary>Who did it, without the command: the event says what was done.</summary>
    public static string Actor(string by) => by.LastIndexOf(' ') is > 0 and var end ? by[..end] : by;

    /// <summary>What an event did: <c>failed → pending</c>; where the status stayed, the details or the fields that changed.</summary>
    public static string Change(TaskEvent happened)
    {
        const int LongestValue = 24;
        if (happened.StatusBefore is not null || happened.StatusAfter is not null)
        {
            return $"{happened.StatusBefore ?? "none"} → {happened.StatusAfter ?? "gone"}";
        }

        if (happened.Details is { } details)
        {
            return details;
        }

        var before = FieldsOf(happened.BeforeJson);
        var after = FieldsOf(happened.AfterJson);
        return string.Join(", ", after.Select(field => $"{field.Key} {Value(before, field.Key)} → {Value(after, field.Key)}"));

        // Times are logged in milliseconds.
        static string Value(Dictionary<string, JsonElement> fields, string name) => !fields.TryGetValue(name, out var value) ? "none"
            : name.EndsWith("At", StringComparison.Ordinal) && value.TryGetInt64(out var time)
                ? Time(DateTimeOffset.FromUnixTimeMilliseconds(time))
            : TerminalText.ShortenMiddle(value.ToString(), LongestValue);
    }

    /// <summary>Why: what the operator said, or else the first line of a failure's message.</summary>
    public static string? Why(TaskEvent happened) => happened.Reason
        ?? (FieldsOf(happened.AfterJson).TryGetValue("errorMessage", out var message) && message.ValueKind is JsonValueKind.String
            ? TerminalText.FirstLine(message.GetString())
            : null);

    /// <summary>How long tasks of each type ran, the slowest types first, a line each.</summary>
    public static string RunningTimes(QueueMeasurement measurement)
    {
        const int MostTypes = 10;
        var measured = measurement.Types
            .Where(type => type.RunningTime is not null)
            .OrderByDescending(type => type.RunningTime!.P99)
            .ToList();
        var lines = measured.Take(MostTypes)
            .Select(type => $"{TerminalText.OneLine(type.Type)}: {type.RunningTime} of {Quantity.Of(type.RunningTime!.Count)}");
        return string.Join(Environment.NewLine, measured.Count > MostTypes ? lines.Append("…") : lines);
    }

    /// <summary>A connection as a table of one row, at most 79 columns wide.</summary>
    public static string Connection(TaskQueueConnection connection)
    {
        const int Columns = 79;
        // Most queues tell of changes at once, which needs no column.
        string[] news = connection.News is QueueNews.Polling ? [$"{connection.News}"] : [];
        string[] titles = ["Kind", "Layout", "Times", "Tasks", "Running", "Oldest running", .. news.Select(_ => "News")];
        string[] values =
        [
            connection.Kind,
            connection.Layout.ToString(),
            ServiceOffset.Text(connection.UtcOffset),
            connection.IsReachable ? FormattableString.Invariant($"{connection.Tasks:N0}") : "no answer",
            FormattableString.Invariant($"{connection.Running:N0}"),
            Age(connection.OldestRunning),
            .. news,
        ];
        int[] widths = [.. titles.Zip(values, (title, value) => Math.Max(title.Length, value.Length))];
        var name = TerminalText.OneLine(connection.Queue, Columns - widths.Sum(width => width + 1));
        var nameWidth = Math.Max("Queue".Length, name.Length);
        return string.Join(
            Environment.NewLine,
            Row("Queue", titles),
            Row("-----", [.. titles.Select(title => new string('-', title.Length))]),
            Row(name, values));

        // Numbers stand at the right of their columns.
        string Row(string queue, string[] cells) => string.Join(
            ' ',
            cells.Select((cell, index) => index < 3 ? cell.PadRight(widths[index]) : cell.PadLeft(widths[index]))
                .Prepend(queue.PadRight(nameWidth))).TrimEnd();
    }

    /// <summary>
    /// The next question about a task, answered in a few words: how far it is and where, or when it is due, or why it failed. It takes the
    /// values one by one, since a task that crossed a job's boundary is no longer a task.
    /// </summary>
    /// <param name="status">The stored status.</param>
    /// <param name="progress">Per cent done.</param>
    /// <param name="progressMessage">The last message about the progress.</param>
    /// <param name="worker">Who holds it.</param>
    /// <param name="dueAt">The earliest time it may be claimed.</param>
    /// <param name="retry">Which retry it waits for, of how many.</param>
    /// <param name="errorMessage">Why it failed or was stopped.</param>
    public static string Details(
        string? status,
        double? progress,
        string? progressMessage,
        string? worker,
        DateTimeOffset? dueAt,
        string? retry,
        string? errorMessage)
    {
        // In a table nobody reads further. The object has the whole text.
        const int Longest = 100;
        var why = TerminalText.FirstLine(errorMessage?.TrimStart());
        var due = dueAt - DateTimeOffset.UtcNow is { Ticks: > 0 } left ? $"due in {Duration.FormatAge(left)}" : null;
        string?[] parts = StatusNames.Parse(status) switch
        {
            QueueTaskStatus.Running =>
                [FormattableString.Invariant($"{progress:0.#}{(progress is null ? "" : " % ")}{progressMessage}").Trim(), worker],
            QueueTaskStatus.Pending => [due],
            QueueTaskStatus.Retry => [due, $"retry {retry}", why],
            QueueTaskStatus.Success => [],
            _ => [why],
        };
        var text = string.Join(", ", parts.Where(part => !string.IsNullOrEmpty(part)));
        return TerminalText.OneLine(text.Length <= Longest ? text : text[..(Longest - 1)] + "…");
    }

    private static Dictionary<string, JsonElement> FieldsOf(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json) ?? [];

    /// <summary>
    /// The text in lines of at most <paramref name="width"/> characters, for a column that would break words anywhere. A host without a
    /// screen gives a width that makes no sense; a usual one is taken then.
    /// </summary>
    public static string Fold(string? text, int width)
    {
        const int Narrowest = 9;
        const int Usual = 44;
        var lines = TerminalText.Lines(text).Replace('\t', ' ').Split('\n');
        return string.Join(Environment.NewLine, lines.SelectMany(line => ReportText.Fold(line, width < Narrowest ? Usual : width)));
    }

    /// <summary>
    /// A report in the width of the screen, as far as that is readable. A report that crossed a job's boundary keeps the text it had there.
    /// </summary>
    public static string? Report(object report, int screen)
    {
        const int Narrowest = 60;
        var columns = screen <= 0 ? ReportText.MostColumns : Math.Clamp(screen - 1, Narrowest, ReportText.MostColumns);
        return report switch
        {
            CleanupReport cleanup => CleanupReportText.Write(cleanup, columns),
            UndoReport undo => UndoReportText.Write(undo, columns),
            _ => report.ToString(),
        };
    }
}
