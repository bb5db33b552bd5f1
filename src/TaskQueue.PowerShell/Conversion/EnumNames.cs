namespace TaskQueue.PowerShell;

/// <summary>
/// Reads the names of an enumeration's values. PowerShell's own conversion reads 'pending,retry' as the sum of both numbers, which is
/// another status, and digits as the value with that number.
/// </summary>
internal static class EnumNames
{
    /// <exception cref="FormatException">
    /// The text is not the name of a value. The names that are listed are those one would give: no status is meant to be unknown.
    /// </exception>
    public static object Parse(Type type, string text)
    {
        var names = Enum.GetNames(type);
        var wanted = text.Trim();
        var exact = names.FirstOrDefault(name => name.Equals(wanted, StringComparison.OrdinalIgnoreCase));
        // As everywhere in PowerShell, an unambiguous beginning is enough.
        var begun = wanted.Length > 0 ? names.Where(name => name.StartsWith(wanted, StringComparison.OrdinalIgnoreCase)).ToList() : [];
        return (exact ?? (begun is [var only] ? only : null)) is { } found
            ? Enum.Parse(type, found)
            : throw new FormatException($"'{text}' is not one of {string.Join(", ", names.Except([nameof(QueueTaskStatus.Unknown)]))}.");
    }
}
