using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>What -Type takes: a literal type, case-sensitive, or a pattern, which is not.</summary>
internal sealed class TypePattern(string text)
{
    private readonly WildcardPattern? _pattern = WildcardPattern.ContainsWildcardCharacters(text) ? Wildcards.Of(text) : null;

    public bool IsMatch(string type) => type == text || _pattern?.IsMatch(type) == true;

    /// <summary>A condition on tasks; null for no types.</summary>
    public static Predicate<QueueTask>? ConditionOf(string[]? types)
    {
        if (types is null)
        {
            return null;
        }

        var patterns = types.Select(type => new TypePattern(type)).ToList();
        return task => patterns.Any(pattern => pattern.IsMatch(task.Type));
    }
}
