using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>Offers <c>Auto</c>, the one word that -Prefetch takes beside numbers.</summary>
public sealed class PrefetchCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = (wordToComplete ?? "").Trim('\'', '"');
        return PrefetchCount.Auto.StartsWith(start, StringComparison.OrdinalIgnoreCase)
            ? [new(PrefetchCount.Auto, PrefetchCount.Auto, CompletionResultType.ParameterValue, "as many as start within 50 ms")]
            : [];
    }
}
