using System.Collections;
using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Reads the script for each type from -Handler and -Type.</summary>
internal static class HandlerScripts
{
    private const string Advice =
        "Give -Handler @{ type = { … } }, or -Handler { … } with -Type. In the place of { … } stands also a function or script: "
            + "(Get-Command name).";

    /// <param name="handler">What -Handler was given.</param>
    /// <param name="types">What -Type was given.</param>
    /// <param name="caller">The session of the caller.</param>
    /// <exception cref="TaskValidationException">The two do not fit together, or hold no script.</exception>
    public static IReadOnlyDictionary<string, HandlerScript> Of(object handler, string[]? types, SessionState caller)
    {
        switch (JsonValueWriter.BaseOf(handler))
        {
            case ScriptBlock or CommandInfo when types is not null:
                var shared = ScriptOf(handler, caller)!;
                return types.Distinct(StringComparer.Ordinal).ToDictionary(type => type, _ => shared, StringComparer.Ordinal);
            case ScriptBlock or CommandInfo:
                throw new TaskValidationException("It is not said which types the handler is for.", Advice);
            case IDictionary when types is not null:
                throw new TaskValidationException("The keys of -Handler name the types, so -Type cannot be given too.", Advice);
            case IDictionary { Count: > 0 } scripts:
                return TypeKeys.Read(scripts, "-Handler", "handlers", (type, value) => ScriptOf(type, value, caller));
            default:
                throw new TaskValidationException("-Handler holds no script block.", Advice);
        }
    }

    private static HandlerScript ScriptOf(string type, object? value, SessionState caller)
    {
        if (string.IsNullOrWhiteSpace(type))
        {
            throw new TaskValidationException("A key of -Handler is empty.", Advice);
        }

        return ScriptOf(value, caller)
            ?? throw new TaskValidationException($"The handler of the type '{type}' is not a script block.", Advice);
    }

    /// <summary>Null for a value that is not a script.</summary>
    private static HandlerScript? ScriptOf(object? value, SessionState caller) => JsonValueWriter.BaseOf(value) switch
    {
        ScriptBlock script => new HandlerScript(script, "Handler", caller),
        FunctionInfo function => HandlerScript.OfFunction(function, "Handler", caller),
        ExternalScriptInfo { Path: var path } => HandlerScript.OfFile(path, "Handler", caller),
        AliasInfo { ResolvedCommand: { } command } => ScriptOf(command, caller),
        CommandInfo command =>
            throw new TaskValidationException(
                $"'{command.Name}' is not a script that can be a handler.", $"Write what it is to do: {{ {command.Name} $Task.Data }}."),
        _ => null,
    };
}
