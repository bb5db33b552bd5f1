using System.Globalization;

namespace TaskQueue.PowerShell;

/// <summary>
/// How many tasks a worker claims beyond those that can start at once: a number, or <c>Auto</c>, which leaves it to the worker.
/// </summary>
public sealed class PrefetchCount
{
    /// <summary>Leaves the number to the worker.</summary>
    public const string Auto = "Auto";

    public PrefetchCount(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Count = string.Equals(text.Trim(), Auto, StringComparison.OrdinalIgnoreCase)
            ? null
            : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var count)
                ? Checked(count)
                : throw new FormatException($"'{text}' is not a number of tasks. Give {Auto}, or 0 to {WorkerOptions.LargestPrefetch:N0}.");
    }

    public PrefetchCount(long count) => Count = Checked(count);

    /// <summary>Null for Auto.</summary>
    public int? Count { get; }

    public override string ToString() => Count?.ToString(CultureInfo.InvariantCulture) ?? Auto;

    private static int Checked(long count) => count is >= 0 and <= WorkerOptions.LargestPrefetch
        ? (int)count
        : throw new FormatException($"{count} is out of range. Give {Auto}, or 0 to {WorkerOptions.LargestPrefetch:N0}.");
}
