using System.Globalization;

namespace TaskQueue;

/// <summary>Numbers as people read them.</summary>
public static class Quantity
{
    /// <summary>A number with its thousands apart: <c>1,204</c>.</summary>
    public static string Of(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number and what is counted: <c>1 task</c>, <c>1,204 tasks</c>.</summary>
    public static string Of(long count, string one, string many) => $"{Of(count)} {(count == 1 ? one : many)}";
}
