using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Which script is for which type, as -Handler and -Type say.</summary>
internal static class HandlerScripts
{
    private const string Advice = "Give -Handler @{ type = { … } }, or -Handler { … } with -Type.";

    /// <exception cref="TaskValidationException">They fit neither form.</exception>
    public static IReadOnlyDictionary<string, HandlerScript> Of(object handler, string[]? types)
    {
        switch (JsonValueWriter.BaseOf(handler))
        {
            case ScriptBlock script when types is not null:
                var shared = new HandlerScript(script, "Handler");
                return types.Distinct(StringComparer.Ordinal).ToDictionary(type => type, _ => shared, StringComparer.Ordinal);
            case ScriptBlock:
                throw new TaskValidationException("It is not said which types the handler is for.", Advice);
            case IDictionary when types is not null:
                throw new TaskValidationException("The keys of -Handler are the types; -Type says them once more.", Advice);
            case IDictionary { Count: > 0 } scripts:
                return TypeKeys.Read(scripts, "-Handler", "handlers", ScriptOf);
            default:
                throw new TaskValidationException("-Handler holds no script block.", Advice);
        }
    }

    private static HandlerScript ScriptOf(string type, object? value)
    {
        if (string.IsNullOrWhiteSpace(type))
        {
            throw new TaskValidationException("A key of -Handler is empty.", Advice);
        }

        return JsonValueWriter.BaseOf(value) is ScriptBlock script
            ? new HandlerScript(script, "Handler")
            : throw new TaskValidationException($"The handler of the type '{type}' is no script block.", Advice);
    }
}
