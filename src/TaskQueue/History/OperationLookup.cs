namespace TaskQueue;

/// <summary>Finds operations by an id as people type it.</summary>
public static class OperationLookup
{
    // Shorter prefixes match half a year of operations, since an id begins with its time.
    private const int FewestDigits = 4;
    private const int MostNamed = 5;

    /// <summary>The operation whose id is, or unambiguously begins with, <paramref name="text"/>; hyphens may be left out.</summary>
    /// <exception cref="OperationNotFoundException">None has such an id.</exception>
    /// <exception cref="TaskValidationException">The text is no beginning of an id, or of several.</exception>
    public static QueueOperation Find(this IOperationHistory history, string text, CancellationToken cancellation)
    {
        var digits = text.Replace("-", "", StringComparison.Ordinal);
        if (Guid.TryParse(text, out var whole))
        {
            return history.ReadOperations(new OperationQuery { Id = whole }, cancellation).FirstOrDefault() ?? throw NotFound(text);
        }

        if (digits.Length < FewestDigits || !digits.All(char.IsAsciiHexDigit))
        {
            throw new TaskValidationException(
                $"'{text}' is not the beginning of an operation's id.", new Advice.GiveMoreDigits(FewestDigits)) { Field = "OperationId" };
        }

        var found = history.ReadOperations(new OperationQuery(), cancellation)
            .Where(operation => operation.Id.ToString("N").StartsWith(digits, StringComparison.OrdinalIgnoreCase))
            .Take(MostNamed + 1)
            .ToList();
        return found switch
        {
            [] => throw NotFound(text),
            [var only] => only,
            _ => throw new TaskValidationException(
                $"'{text}' is the beginning of several operations: "
                    + string.Join(", ", found.Take(MostNamed).Select(operation => $"{operation.Id} ({operation.Kind})"))
                    + (found.Count > MostNamed ? ", …" : "") + ".",
                "Give more digits of the one that is meant.") { Field = "OperationId" },
        };
    }

    private static OperationNotFoundException NotFound(string text) =>
        new($"The log knows no operation '{text}'.", new Advice.ListOperations());
}
