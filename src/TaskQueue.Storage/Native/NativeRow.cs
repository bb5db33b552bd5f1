using System.Globalization;

namespace TaskQueue.Storage;

/// <summary>
/// Reads one row of our own tables. Their types keep text out of number columns, but not numbers beyond what a task can
/// have: what cannot be read gets a remark, never an exception, since one odd row must not hide the others.
/// </summary>
internal sealed class NativeRow(SqlRow row)
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

    public double Real(int column) => row.GetDouble(column);

    public int Number(int column, int fallback) =>
        row.GetInt64(column) is >= int.MinValue and <= int.MaxValue and var number ? (int)number : Odd(column, fallback);

    public DateTimeOffset? Time(int column) => row.IsDBNull(column) ? null : KnownTime(column);

    /// <summary>The time in a column that is not NULL.</summary>
    public DateTimeOffset? KnownTime(int column)
    {
        var milliseconds = row.GetInt64(column);
        return milliseconds >= EarliestTime && milliseconds <= LatestTime
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : Odd<DateTimeOffset?>(column, null);
    }

    /// <summary>What a waiting task waits for; the column is not NULL.</summary>
    public TaskGate? KnownGate(int column) => row.GetInt64(column) switch
    {
        (long)TaskGate.NotDue => TaskGate.NotDue,
        (long)TaskGate.Open => TaskGate.Open,
        _ => Odd<TaskGate?>(column, null),
    };

    public TimeSpan? Duration(int column) => row.IsDBNull(column) ? null : KnownDuration(column);

    /// <summary>The duration in a column that is not NULL.</summary>
    public TimeSpan? KnownDuration(int column)
    {
        var milliseconds = row.GetInt64(column);
        return milliseconds is > 0 && milliseconds <= TaskQueue.Duration.Longest.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(milliseconds)
            : Odd<TimeSpan?>(column, null);
    }

    /// <summary>A claim token or the id of a worker.</summary>
    public Guid? Identifier(int column) => row.IsDBNull(column) ? null : KnownIdentifier(column);

    /// <summary>The identifier in a column that is not NULL.</summary>
    public Guid? KnownIdentifier(int column) => row.GetIdentifier(column) ?? Odd<Guid?>(column, null);

    private T Odd<T>(int column, T taken)
    {
        (_remarks ??= []).Add(
            string.Create(CultureInfo.InvariantCulture, $"{row.GetName(column)} unreadable: taken as {(object?)taken ?? "none"}"));
        return taken;
    }
}
