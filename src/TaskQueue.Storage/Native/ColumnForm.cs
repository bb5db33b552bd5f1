using System.Globalization;
using System.Text.Json;

namespace TaskQueue.Storage;

/// <summary>How values of one kind stand in a column, and in the operations log.</summary>
/// <param name="Type">The column's type.</param>
/// <param name="Read">Reads the value from a place in a row, where it is not NULL.</param>
/// <param name="Store">The value as it is written to the column.</param>
/// <param name="WriteJson">Writes the value into the log.</param>
/// <param name="ReadJson">Reads it from there.</param>
internal sealed record ColumnForm<T>(
    SqlType Type,
    Func<NativeRow, int, T> Read,
    Func<T, object?> Store,
    Action<Utf8JsonWriter, T> WriteJson,
    Func<JsonElement, T> ReadJson)
{
    /// <summary>True if a column may have no value. A task has none either, then.</summary>
    public bool IsOptional { get; init; }
}

/// <summary>The kinds of values that tasks have.</summary>
internal static class ColumnForms
{
    public static readonly ColumnForm<string> Text = new(
        SqlType.Text,
        (row, place) => row.Text(place),
        text => text,
        (json, text) => json.WriteStringValue(text),
        json => json.GetString()!);

    public static readonly ColumnForm<string?> OptionalText = new(
        SqlType.Text, (row, place) => row.Text(place), text => text, (json, text) => json.WriteStringValue(text), json => json.GetString())
    {
        IsOptional = true,
    };

    public static readonly ColumnForm<double?> Real = new(
        SqlType.Real, (row, place) => row.Real(place), number => number, WriteNumber, json => IsNull(json) ? null : json.GetDouble())
    {
        IsOptional = true,
    };

    /// <summary>Unix milliseconds.</summary>
    public static readonly ColumnForm<DateTimeOffset?> Time = new(
        SqlType.Integer, (row, place) => row.KnownTime(place), time => time?.ToStored(), WriteTime, ReadTime)
    {
        IsOptional = true,
    };

    /// <summary>Milliseconds.</summary>
    public static readonly ColumnForm<TimeSpan?> Duration = new(
        SqlType.Integer,
        (row, place) => row.KnownDuration(place),
        duration => (long?)duration?.TotalMilliseconds,
        (json, duration) => WriteNumber(json, duration?.TotalMilliseconds),
        json => IsNull(json) ? null : TimeSpan.FromMilliseconds(json.GetDouble()))
    {
        IsOptional = true,
    };

    public static readonly ColumnForm<Guid?> Identifier = new(
        SqlType.Identifier,
        (row, place) => row.KnownIdentifier(place),
        identifier => identifier,
        (json, identifier) => json.WriteStringValue(identifier?.ToString()),
        json => IsNull(json) ? null : json.GetGuid())
    {
        IsOptional = true,
    };

    public static readonly ColumnForm<RecoveryHistory> Recoveries = new(
        SqlType.Text,
        (row, place) => new RecoveryHistory(row.Text(place)),
        history => history.Text,
        (json, history) => json.WriteStringValue(history.Text),
        json => new RecoveryHistory(json.GetString()))
    {
        IsOptional = true,
    };

    /// <summary>What a waiting task waits for, as a number.</summary>
    public static readonly ColumnForm<TaskGate?> Gate = new(
        SqlType.Integer,
        (row, place) => row.KnownGate(place),
        gate => (int?)gate,
        (json, gate) => WriteNumber(json, (int?)gate),
        json => IsNull(json) ? null : (TaskGate)json.GetInt32())
    {
        IsOptional = true,
    };

    /// <summary>A number, which a task shows as text.</summary>
    public static readonly ColumnForm<string> Revision = new(
        SqlType.Integer,
        (row, place) => Show(row.Key(place)),
        revision => long.Parse(revision, CultureInfo.InvariantCulture),
        (json, revision) => json.WriteStringValue(revision),
        json => json.GetString()!);

    /// <summary>A whole number.</summary>
    /// <param name="fallback">What is taken for one that is out of range.</param>
    public static ColumnForm<int> Number(int fallback) => new(
        SqlType.Integer,
        (row, place) => row.Number(place, fallback),
        number => number,
        (json, number) => json.WriteNumberValue(number),
        json => json.GetInt32());

    /// <summary>A revision as tasks show it.</summary>
    public static string Show(long revision) => revision.ToString(CultureInfo.InvariantCulture);

    private static void WriteNumber(Utf8JsonWriter json, double? number)
    {
        if (number is { } known)
        {
            json.WriteNumberValue(known);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    /// <summary>In milliseconds. Times of the original's layout can have fractions of one.</summary>
    private static void WriteTime(Utf8JsonWriter json, DateTimeOffset? time)
    {
        if (time is not { } known)
        {
            json.WriteNullValue();
            return;
        }

        var (whole, rest) = Math.DivRem(known.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.TicksPerMillisecond);
        if (rest == 0)
        {
            json.WriteNumberValue(whole);
        }
        else
        {
            json.WriteNumberValue(whole + (rest / (decimal)TimeSpan.TicksPerMillisecond));
        }
    }

    private static DateTimeOffset? ReadTime(JsonElement json) => IsNull(json)
        ? null
        : json.TryGetInt64(out var whole)
            ? DateTimeOffset.FromUnixTimeMilliseconds(whole)
            : DateTimeOffset.UnixEpoch.AddTicks((long)(json.GetDecimal() * TimeSpan.TicksPerMillisecond));

    private static bool IsNull(JsonElement json) => json.ValueKind is JsonValueKind.Null;
}
