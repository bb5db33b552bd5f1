using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TaskQueue;

/// <summary>How the views of the module spell what a table shows.</summary>
public static class DisplayText
{
    /// <summary>
    /// Whether a character does something to a terminal instead of being shown: a control character, what turns the direction of writing, and
    /// other marks without a shape. The joiners have none either, but emoji and several scripts are spelt with them.
    /// </summary>
    public static bool IsUnshowable(char character) => !char.IsSurrogate(character) && IsUnshowable(new Rune(character));

    /// <summary>How PowerShell writes the character in a text in double quotes: <c>`t</c>, <c>`u{200B}</c>.</summary>
    public static string Escape(Rune character) => character.Value switch
    {
        '\t' => "`t",
        '\n' => "`n",
        '\r' => "`r",
        '\e' => "`e",
        '\a' => "`a",
        var code => FormattableString.Invariant($"`u{{{code:X}}}"),
    };

    /// <summary>
    /// A text on one line, at most <paramref name="width"/> characters of it, without anything that a terminal would obey: that is shown as PowerShell writes it.
    /// </summary>
    public static string OneLine(string? text, int width = int.MaxValue) => ShortenMiddle(Shown(text ?? "", IsUnshowable), width);

    /// <summary>
    /// An id, a type or another name on one line. Different names never look the same: spaces at the ends, unusual spaces and all that has no shape are shown as
    /// PowerShell writes them.
    /// </summary>
    public static string Name(string? name)
    {
        name ??= "";
        if (name.All(character => character is > ' ' and < '\x7F' and not '`'))
        {
            return name;
        }

        Rune[] characters = [.. name.EnumerateRunes()];
        return string.Concat(characters.Select((character, index) => IsSeenIn(characters, index) ? character.ToString() : Escape(character)));
    }

    /// <summary>The first line of a message, without what ends it.</summary>
    public static string FirstLine(string? text) => (text ?? "").Split('\n', 2)[0].TrimEnd();

    /// <summary>A text with its lines and tabs, without anything else that a terminal would obey.</summary>
    public static string Lines(string? text) =>
        Shown((text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal), character => character.Value is not ('\n' or '\t') && IsUnshowable(character));

    /// <summary>A number with its thousands apart and what is counted: <c>1 task</c>, <c>1,204 tasks</c>.</summary>
    public static string Counted(long count, string one, string many) => $"{ReportText.Count(count)} {(count == 1 ? one : many)}";

    /// <summary>An age or other duration; empty for none, negative where the clocks differ.</summary>
    public static string Age(TimeSpan? age) => age is { } known ? Duration.FormatAge(known) : "";

    /// <summary>
    /// The color of a task's status, a verdict or a worker's state: the name of a property of <c>$PSStyle.Foreground</c>, so that NO_COLOR and
    /// OutputRendering are obeyed. A text, since values that crossed a job's boundary are no enumerations any more.
    /// </summary>
    public static string Color(string? state) => state switch
    {
        "Success" or "Healthy" => "Green",
        "Running" or "Working" => "Cyan",
        "Pending" or "Retry" or "Silent" or "Slow" or "Draining" or "Stopping" => "Yellow",
        "Failed" or "Dead" or "Stalled" => "Red",
        _ => "BrightBlack",
    };

    /// <summary>An offset from UTC such as <c>+08:00</c>; UTC for none of our own queues, unknown where no row tells it.</summary>
    public static string Offset(TimeSpan? offset) => offset switch
    {
        null => "unknown",
        { Ticks: 0 } => "UTC",
        { } value => (value < TimeSpan.Zero ? "-" : "+") + value.ToString(@"hh\:mm", CultureInfo.InvariantCulture),
    };

    /// <summary>A time of the queue as it was on this machine's clock, to the second.</summary>
    public static string Time(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>
    /// As much of an operation's id as tells it from others: its time, to the millisecond. Fewer digits would be shared by all that was
    /// done within the same minute.
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
            : name.EndsWith("At", StringComparison.Ordinal) && value.TryGetInt64(out var time) ? Time(DateTimeOffset.FromUnixTimeMilliseconds(time))
            : ShortenMiddle(value.ToString(), LongestValue);
    }

    /// <summary>Why: what the operator said, or else the first line of a failure's message.</summary>
    public static string? Why(TaskEvent happened) => happened.Reason
        ?? (FieldsOf(happened.AfterJson).TryGetValue("errorMessage", out var message) && message.ValueKind is JsonValueKind.String
            ? FirstLine(message.GetString())
            : null);

    /// <summary>How long tasks of each type ran, the slowest types first, a line each.</summary>
    public static string RunningTimes(QueueMeasurement measurement)
    {
        const int MostTypes = 10;
        var measured = measurement.Types.Where(type => type.RunningTime is not null).OrderByDescending(type => type.RunningTime!.P99).ToList();
        var lines = measured.Take(MostTypes).Select(type => FormattableString.Invariant($"{OneLine(type.Type)}: {type.RunningTime} of {type.RunningTime!.Count:N0}"));
        return string.Join(Environment.NewLine, measured.Count > MostTypes ? lines.Append("…") : lines);
    }

    /// <summary>A connection as a table of one row, at most 79 columns wide.</summary>
    public static string Connection(TaskQueueConnection connection)
    {
        const int Columns = 79;
        // To hear of changes at once is the rule, and needs no column.
        string[] news = connection.News is QueueNews.Polling ? [$"{connection.News}"] : [];
        string[] titles = ["Kind", "Layout", "Times", "Tasks", "Running", "Oldest running", .. news.Select(_ => "News")];
        string[] values =
        [
            connection.Kind,
            connection.Layout.ToString(),
            Offset(connection.UtcOffset),
            connection.IsReachable ? FormattableString.Invariant($"{connection.Tasks:N0}") : "no answer",
            FormattableString.Invariant($"{connection.Running:N0}"),
            Age(connection.OldestRunning),
            .. news,
        ];
        int[] widths = [.. titles.Zip(values, (title, value) => Math.Max(title.Length, value.Length))];
        var name = OneLine(connection.Queue, Columns - widths.Sum(width => width + 1));
        var nameWidth = Math.Max("Queue".Length, name.Length);
        return string.Join(
            Environment.NewLine,
            Row("Queue", titles),
            Row("-----", [.. titles.Select(title => new string('-', title.Length))]),
            Row(name, values));

        // Numbers stand at the right of their columns.
        string Row(string queue, string[] cells) => string.Join(
            ' ', cells.Select((cell, index) => index < 3 ? cell.PadRight(widths[index]) : cell.PadLeft(widths[index])).Prepend(queue.PadRight(nameWidth))).TrimEnd();
    }

    /// <summary>
    /// The next question about a task, answered in a few words: how far it is and where, or when it is due, or why it failed. It takes the values one
    /// by one, since those of a task that crossed a job's boundary are no task any more.
    /// </summary>
    /// <param name="status">The stored status.</param>
    /// <param name="progress">Per cent done.</param>
    /// <param name="progressMessage">What was last said of the progress.</param>
    /// <param name="worker">Who holds it.</param>
    /// <param name="dueAt">The earliest time it may be claimed.</param>
    /// <param name="retry">Which retry it waits for, of how many.</param>
    /// <param name="errorMessage">Why it failed or was stopped.</param>
    public static string Details(
        string? status, double? progress, string? progressMessage, string? worker, DateTimeOffset? dueAt, string? retry, string? errorMessage)
    {
        // As far as it is read in a table; the whole is in the object.
        const int Longest = 100;
        var why = FirstLine(errorMessage?.TrimStart());
        var due = dueAt - DateTimeOffset.UtcNow is { Ticks: > 0 } left ? $"due in {Duration.FormatAge(left)}" : null;
        string?[] parts = StatusNames.Parse(status) switch
        {
            QueueTaskStatus.Running => [FormattableString.Invariant($"{progress:0.#}{(progress is null ? "" : " % ")}{progressMessage}").Trim(), worker],
            QueueTaskStatus.Pending => [due],
            QueueTaskStatus.Retry => [due, $"retry {retry}", why],
            QueueTaskStatus.Success => [],
            _ => [why],
        };
        var text = string.Join(", ", parts.Where(part => !string.IsNullOrEmpty(part)));
        return OneLine(text.Length <= Longest ? text : text[..(Longest - 1)] + "…");
    }

    private static string Shown(string text, Func<Rune, bool> isEscaped) => text.EnumerateRunes().Any(isEscaped)
        ? string.Concat(text.EnumerateRunes().Select(character => isEscaped(character) ? Escape(character) : character.ToString()))
        : text;

    /// <inheritdoc cref="IsUnshowable(char)"/>
    public static bool IsUnshowable(Rune character) =>
        Rune.GetUnicodeCategory(character) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        && character.Value is not (0x200C or 0x200D);

    /// <summary>Whether a character of a name is seen where it stands, and taken for no other.</summary>
    private static bool IsSeenIn(Rune[] name, int index)
    {
        var before = index == 0 ? default : name[index - 1];
        var after = index == name.Length - 1 ? default : name[index + 1];
        return name[index] switch
        {
            { Value: ' ' } => index > 0 && index < name.Length - 1,
            // What looks as if it were written by Escape.
            { Value: '`' } => after.Value is not ('t' or 'n' or 'r' or 'e' or 'a' or 'u'),
            // Within words of some scripts and within emoji these change what is seen.
            var joiner when IsJoiner(joiner) => !before.IsAscii && !IsJoiner(before) && !after.IsAscii && !IsJoiner(after),
            var selector when IsSelector(selector) => !before.IsAscii && !IsJoiner(before) && !IsSelector(before),
            var other => !IsUnshowable(other) && !IsShapeless(other),
        };
    }

    /// <summary>Spaces beside the usual one, the fillers of Hangul, the blank of Braille, and letters and marks without a shape.</summary>
    private static bool IsShapeless(Rune character) => Rune.GetUnicodeCategory(character) is UnicodeCategory.SpaceSeparator
        || character.Value is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0;

    private static bool IsJoiner(Rune character) => character.Value is 0x200C or 0x200D;

    /// <summary>Marks that choose one of the shapes of the character in front of them.</summary>
    private static bool IsSelector(Rune character) => character.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0x180B and <= 0x180F) or (>= 0xE0100 and <= 0xE01EF);

    private static Dictionary<string, JsonElement> FieldsOf(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json) ?? [];

    /// <summary>Words in lines of at most <paramref name="width"/> characters, for a column that would break them anywhere. A host without a screen has a width that makes no sense.</summary>
    public static string Fold(string? text, int width)
    {
        const int Narrowest = 9;
        const int Usual = 44;
        var lines = Lines(text).Replace('\t', ' ').Split('\n');
        return string.Join(Environment.NewLine, lines.SelectMany(line => ReportText.Fold(line, width < Narrowest ? Usual : width)));
    }

    /// <summary>A report in the width of the screen, as far as that is readable; one that crossed a job's boundary as it was written there.</summary>
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

    /// <summary>A long name with its middle replaced by an ellipsis: begin and end are what tells names apart.</summary>
    public static string ShortenMiddle(string text, int width)
    {
        if (text.Length <= width)
        {
            return text;
        }

        var tail = (width - 1) / 2;
        var head = width - 1 - tail;
        return $"{text[..head]}…{text[^tail..]}";
    }
}
