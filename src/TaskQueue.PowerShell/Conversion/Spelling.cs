namespace TaskQueue.PowerShell;

/// <summary>Finds the existing name that was probably meant by a misspelt one.</summary>
internal static class Spelling
{
    // Shorter names are so similar to each other that most of them are meant as they are.
    private const int ShortestMisspelt = 4;

    /// <summary>The name that differs by case only, or else by one letter; null if there is none.</summary>
    public static string? Nearest(string name, IReadOnlyCollection<string> names) =>
        names.FirstOrDefault(other => other.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? (name.Length < ShortestMisspelt ? null : names.FirstOrDefault(other => IsOneEditApart(name, other)));

    /// <summary>
    /// True if one letter is too many, missing or different, or two have changed places. A digit does not count: v1 and v2 are probably
    /// both meant.
    /// </summary>
    private static bool IsOneEditApart(string name, string other)
    {
        var start = 0;
        while (start < name.Length && start < other.Length && AreAlike(name[start], other[start]))
        {
            start++;
        }

        var end = 0;
        while (end < name.Length - start && end < other.Length - start && AreAlike(name[^(end + 1)], other[^(end + 1)]))
        {
            end++;
        }

        var mine = name[start..^end];
        var theirs = other[start..^end];
        var isEdit = (mine.Length <= 1 && theirs.Length <= 1)
            || (mine is [var a, var b] && theirs is [var c, var d] && AreAlike(a, d) && AreAlike(b, c));
        return isEdit && !mine.Any(char.IsDigit) && !theirs.Any(char.IsDigit);
    }

    private static bool AreAlike(char one, char other) => char.ToUpperInvariant(one) == char.ToUpperInvariant(other);
}
