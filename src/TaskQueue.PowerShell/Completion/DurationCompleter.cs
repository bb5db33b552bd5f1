using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>Offers usual durations, which show how one is written.</summary>
public sealed class DurationCompleter : IArgumentCompleter
{
    private static readonly (string Text, string Tip)[] Usual =
    [
        ("30s", "30 seconds"), ("5m", "5 minutes"), ("30m", "30 minutes"), ("1h", "1 hour"), ("1h30m", "1 hour and 30 minutes"),
        ("6h", "6 hours"), ("1d", "1 day"), ("1w", "1 week"),
    ];

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var start = (wordToComplete ?? "").Trim('\'', '"');
        return Usual
            .Where(duration => duration.Text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            .Select(duration => new CompletionResult(duration.Text, duration.Text, CompletionResultType.ParameterValue, duration.Tip));
    }
}
