using System.Globalization;
using System.Text.RegularExpressions;

namespace TaskQueue;

/// <summary>
/// An offset from UTC as people write it: <c>+08:00</c>, <c>-05:30</c>, <c>08:00</c>, <c>Z</c>. A bare number is refused: 8 what?
/// </summary>
public sealed partial class ServiceOffset : IEquatable<ServiceOffset>
{
    // As far as time zones reach.
    private static readonly TimeSpan Largest = TimeSpan.FromHours(14);

    public ServiceOffset(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var match = Form().Match(text.Trim());
        if (!match.Success)
        {
            throw new FormatException($"'{text}' is not an offset from UTC. Write hours and minutes, such as +08:00 or -05:30.");
        }

        var amount = text.Trim() is "Z" or "z"
            ? TimeSpan.Zero
            : new TimeSpan(
                int.Parse(match.Groups["hours"].Value, CultureInfo.InvariantCulture),
                int.Parse(match.Groups["minutes"].Value, CultureInfo.InvariantCulture), 0);
        Value = Checked(match.Groups["sign"].Value == "-" ? -amount : amount);
    }

    public ServiceOffset(TimeSpan value) => Value = Checked(value);

    public TimeSpan Value { get; }

    public bool Equals(ServiceOffset? other) => Value == other?.Value;

    public override bool Equals(object? obj) => Equals(obj as ServiceOffset);

    public override int GetHashCode() => Value.GetHashCode();

    public override string ToString() => Text(Value);

    /// <summary>An offset such as <c>+08:00</c>; UTC for none, unknown where no row of the queue tells it.</summary>
    public static string Text(TimeSpan? offset) => offset switch
    {
        null => "unknown",
        { Ticks: 0 } => "UTC",
        { } value => (value < TimeSpan.Zero ? "-" : "+") + value.ToString(@"hh\:mm", CultureInfo.InvariantCulture),
    };

    private static TimeSpan Checked(TimeSpan value) => value.Duration() <= Largest
        ? value
        : throw new FormatException($"The offset {value} is out of range. Give -14:00 to +14:00.");

    [GeneratedRegex("^((?<sign>[+-]?)(?<hours>[0-9]{1,2}):(?<minutes>[0-5][0-9])|[Zz])$", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
