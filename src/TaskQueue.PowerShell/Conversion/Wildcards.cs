using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>The one place that makes a pattern of what a person typed; patterns ignore case.</summary>
internal static class Wildcards
{
    /// <exception cref="TaskValidationException">The text is not a valid pattern, such as <c>job[</c>.</exception>
    public static WildcardPattern Of(string text)
    {
        try
        {
            var pattern = new WildcardPattern(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            // PowerShell parses a pattern only when something is compared with it.
            _ = pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException error)
        {
            throw new TaskValidationException(
                $"'{text}' is not a valid pattern.",
                "End each [ with a ], or write `[ in single quotes where the character itself is meant.", error);
        }
    }
}
