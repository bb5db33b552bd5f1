using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace TaskQueue.PowerShell;

/// <summary>Completes the path of a queue's file, without the files that SQLite keeps beside it.</summary>
public sealed class QueuePathCompleter : IArgumentCompleter
{
    private static readonly string[] Sidecars = ["-wal", "-shm", "-journal"];

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        CompletionCompleters.CompleteFilename(wordToComplete ?? "").Where(
            file => !Sidecars.Any(end => file.ListItemText.EndsWith(end, StringComparison.Ordinal)));
}
