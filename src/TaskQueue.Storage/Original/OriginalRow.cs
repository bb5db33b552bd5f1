using System.Globalization;
using System.Text;

namespace TaskQueue.Storage;

/// <summary>
/// Reads the columns of one row, whatever they hold: SQLite keeps any type in any column. What cannot be read gets a remark,
/// never an exception: one odd row must not hide the others.
/// </summary>
internal sealed class OriginalRow(SqlRow row, OriginalTimes times)
{
    private readonly List<string> _remarks = [];

    /// <summary>What is odd in the row; null if nothing is.</summary>
    public string? Remark => _remarks.Count == 0 ? null : string.Join("; ", _remarks);

    public long Key(OriginalColumn column) => row.GetInt64(column.Place);

    public string? Text(OriginalColumn column) => row.GetValue(column.Place) switch
    {
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        DBNull => null,
        var number => Convert.ToString(number, CultureInfo.InvariantCulture),
    };

    public int Number(OriginalColumn column, int fallback)
    {
        switch (row.GetValue(column.Place))
        {
            case DBNull:
                return fallback;
            case long number and >= int.MinValue and <= int.MaxValue:
                return (int)number;
            case double number and > int.MinValue and < int.MaxValue:
                return (int)number;
            case string text when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number):
                return number;
            default:
                _remarks.Add($"{column.Name} unreadable: taken as {fallback}");
                return fallback;
        }
    }

    /// <summary>The time in a column, null if there is none or it cannot be read.</summary>
    public DateTimeOffset? Time(OriginalColumn column)
    {
        var (time, problem) = ReadTime(column);
        if (problem is not null)
        {
            _remarks.Add($"{column.Name} {problem}");
        }

        return time;
    }

    /// <summary>
    /// The time from which the task's age counts: the one of <paramref name="column"/>, else of <paramref name="substitute"/>, and then a
    /// remark says so.
    /// </summary>
    public DateTimeOffset? Since(OriginalColumn column, OriginalColumn substitute)
    {
        if (ReadTime(column).Time is { } time)
        {
            return time;
        }

        if (row.IsDBNull(column.Place))
        {
            _remarks.Add($"{column.Name} missing");
        }

        var substituted = ReadTime(substitute).Time;
        _remarks.Add(substituted is null
            ? $"{substitute.Name} {(row.IsDBNull(substitute.Place) ? "missing" : "unreadable")}, age unknown"
            : $"age judged by {substitute.Name}");
        return substituted;
    }

    /// <summary>
    /// The time from which a running task's age counts. Where the row itself does not tell the offset of its local time, the
    /// later of its two times decides: a task must never look older than it can be.
    /// </summary>
    public DateTimeOffset? RunningSince(OriginalColumn started, OriginalColumn updated)
    {
        var since = Since(started, substitute: updated);
        if (!times.IsGiven && ReadTime(updated).Time is { } later && later > since)
        {
            _remarks.Add($"{started.Name} and {updated.Name} disagree, age judged by the later");
            return later;
        }

        return since;
    }

    private (DateTimeOffset? Time, string? Problem) ReadTime(OriginalColumn column)
    {
        if (row.IsDBNull(column.Place))
        {
            return (null, null);
        }

        if (OriginalTime.Parse(Text(column)!) is not { } parsed)
        {
            return (null, "unreadable");
        }

        return parsed.At(times.Offset) is { } time
            ? (time, null)
            : (null, parsed.Offset is null && times.Offset is null ? "unreadable without the service's UTC offset" : "unreadable");
    }
}
