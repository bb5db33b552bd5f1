using System.Globalization;

namespace TaskQueue.Storage.Own;

/// <summary>
/// Reads one row of our own tables. Their types keep text out of number columns, but not numbers beyond what a task can
/// have: what cannot be read gets a remark, never an exception, since one odd row must not hide the others.
/// </summary>
internal sealed class OwnRow(SqlRow row)
{
    private static readonly long EarliestTime = DateTimeOffset.MinValue.ToUnixTimeMilliseconds();
    private static readonly long LatestTime = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private List<string>? _remarks;

    /// <summary>What is odd in the row; null if nothing is.</summary>
    public string? Remark => _remarks is null ? null : string.Join("; ", _remarks);

    public long Key(int column) => row.GetInt64(column);

    public bool Flag(int column) => Convert.ToBoolean(row.GetValue(column), CultureInfo.InvariantCulture);

    public string Text(int column) => row.GetString(column);

    public string? OptionalText(int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public double? OptionalReal(int column) => row.IsDBNull(column) ? null : row.GetDouble(column);

    public int Number(int column, int fallback) =>
        row.GetInt64(column) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : Odd(column, fallback);

    public DateTimeOffset? Time(int column)
    {
        if (row.IsDBNull(column))
        {
            return null;
        }

        var milliseconds = row.GetInt64(column);
        return milliseconds >= EarliestTime && milliseconds <= LatestTime
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : Odd<DateTimeOffset?>(column, null);
    }

    /// <summary>What a waiting task waits for.</summary>
    public TaskGate? Gate(int column) => row.IsDBNull(column)
        ? null
        : row.GetInt64(column) switch
        {
            (long)TaskGate.NotDue => TaskGate.NotDue,
            (long)TaskGate.Open => TaskGate.Open,
            _ => Odd<TaskGate?>(column, null),
        };

    public TimeSpan? Duration(int column)
    {
        if (row.IsDBNull(column))
        {
            return null;
        }

        var milliseconds = row.GetInt64(column);
        return milliseconds is > 0 && milliseconds <= TaskQueue.Duration.Longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Odd<TimeSpan?>(column, null);
    }

    /// <summary>A claim token or the id of a worker.</summary>
    public Guid? Identifier(int column) => row.GetIdentifier(column) ?? (row.IsDBNull(column) ? null : Odd<Guid?>(column, null));

    private T Odd<T>(int column, T taken)
    {
        (_remarks ??= []).Add(string.Create(CultureInfo.InvariantCulture, $"{row.GetName(column)} unreadable: taken as {(object?)taken ?? "none"}"));
        return taken;
    }
}
