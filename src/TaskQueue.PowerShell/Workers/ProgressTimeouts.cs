using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Reads -ProgressTimeout: a duration for all types, or a hashtable of a duration for each type.</summary>
internal static class ProgressTimeouts
{
    /// <param name="given">What -ProgressTimeout was given; null for no limits.</param>
    /// <param name="types">The types that have a handler.</param>
    /// <exception cref="TaskValidationException">A duration is not valid, or a type has no handler.</exception>
    public static Dictionary<string, TimeSpan> Read(object? given, IReadOnlyCollection<string> types) => given switch
    {
        null => [],
        IDictionary each => TypeKeys.Read(each, "-ProgressTimeout", "time-outs", (type, value) => OfType(type, value, types)),
        _ => types.ToDictionary(type => type, _ => DurationOf(given), StringComparer.Ordinal),
    };

    private static TimeSpan OfType(string type, object? value, IReadOnlyCollection<string> types) =>
        HandledTypes.Include(types, type)
            ? DurationOf(value)
            : throw new TaskValidationException(
                $"-ProgressTimeout has a time-out of the type '{type}', which has no handler here.",
                $"Types are case-sensitive; those with a handler are {string.Join(", ", types.Select(handled => $"'{handled}'"))}.");

    private static TimeSpan DurationOf(object? value) =>
        LanguagePrimitives.TryConvertTo<Duration?>(value, out var duration) && duration is { Value: var time } && time > TimeSpan.Zero
            ? time
            : throw new TaskValidationException(
                $"'{value}' is not a time-out for -ProgressTimeout.",
                "Give a duration such as 10m, or a hashtable such as @{ render = '10m' }.");
}
