namespace TaskQueue.PowerShell;

/// <summary>Names in a message, few enough to be read.</summary>
internal static class NameList
{
    private const int MostNamed = 5;

    /// <summary>The names in quotes. If there are many, only the first: <c>'a', 'b', …</c>.</summary>
    public static string Of(IReadOnlyCollection<string> names, int most = MostNamed) =>
        string.Join(", ", names.Take(most).Select(name => $"'{name}'").Concat(names.Count > most ? ["…"] : []));
}
