namespace TaskQueue;

/// <summary>How the views of the module spell what a table shows.</summary>
public static class DisplayText
{
    /// <summary>An age or other duration; empty for none, negative where the clocks differ.</summary>
    public static string Age(TimeSpan? age) => age is { } known ? Duration.FormatAge(known) : "";

    /// <summary>An offset from UTC such as <c>+08:00</c>; UTC for none of our own queues, unknown where no row tells it.</summary>
    public static string Offset(TimeSpan? offset) => offset switch
    {
        null => "unknown",
        { Ticks: 0 } => "UTC",
        { } value => (value < TimeSpan.Zero ? "-" : "+") + value.ToString(@"hh\:mm", System.Globalization.CultureInfo.InvariantCulture),
    };

    /// <summary>A connection as a table of one row, at most 100 columns wide.</summary>
    public static string Connection(TaskQueueConnection connection)
    {
        const int QueueWidth = 40;
        string[] rows =
        [
            Row("Queue", "Kind", "Layout", "Times", "Tasks", "Running", "Oldest running"),
            Row("-----", "----", "------", "-----", "-----", "-------", "--------------"),
            Row(
                ShortenMiddle(connection.Queue, QueueWidth),
                connection.Kind,
                connection.Layout.ToString(),
                Offset(connection.UtcOffset),
                connection.IsReachable ? FormattableString.Invariant($"{connection.Tasks:N0}") : "no answer",
                FormattableString.Invariant($"{connection.Running:N0}"),
                Age(connection.OldestRunning)),
        ];
        return string.Join(Environment.NewLine, rows);

        static string Row(string queue, string kind, string layout, string times, string tasks, string running, string oldest) =>
            $"{queue,-QueueWidth} {kind,-6} {layout,-9} {times,-7} {tasks,10} {running,7} {oldest,14}".TrimEnd();
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
