using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>Completes a word from the newest tasks of the queue that is meant. Never throws, and reads a bounded number of rows.</summary>
public abstract class QueueCompleter : IArgumentCompleter
{
    // Pressing Tab must feel instant: so many rows are read in a few milliseconds, however large the queue.
    private const int RowsRead = 1000;
    private const int MostResults = 50;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete(wordToComplete ?? "", fakeBoundParameters?["Queue"]);
        }
        catch (Exception error) when (error is TaskQueueException or ArgumentException or OperationCanceledException or RuntimeException or InvalidCastException)
        {
            return [];
        }
    }

    /// <summary>What a task offers; null for nothing.</summary>
    protected abstract string? CompletionOf(QueueTask task);

    protected abstract string TipOf(QueueTask task);

    private List<CompletionResult> Complete(string word, object? queue)
    {
        var start = word.Trim('\'', '"');
        using var timer = new CancellationTokenSource(LongestWait * 4);
        var opened = queue is null ? ConnectedQueue.Current?.Store : null;
        var store = opened ?? TaskStores.Open(PathOf(queue), new StoreOptions { Timeout = LongestWait });
        try
        {
            var newest = new TaskQuery { Limit = RowsRead, NewestFirst = true, IncludePayload = false };
            return
            [
                .. store.Read(newest, timer.Token)
                    .Where(task => CompletionOf(task) is { } text && text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                    .DistinctBy(CompletionOf)
                    .Take(MostResults)
                    .Select(task => new CompletionResult(Quote(CompletionOf(task)!), CompletionOf(task), CompletionResultType.ParameterValue, TipOf(task))),
            ];
        }
        finally
        {
            if (opened is null)
            {
                store.Dispose();
            }
        }
    }

    private static string PathOf(object? queue)
    {
        var location = queue is null
            ? Environment.GetEnvironmentVariable(DefaultQueue.Variable)
            : LanguagePrimitives.ConvertTo<QueueLocation>(queue).Text;
        // A completer has no cmdlet to resolve a path with; the session's location is asked for instead.
        return location is null
            ? DefaultQueue.UserFile
            : Path.GetFullPath(location, SessionLocation());
    }

    private static string SessionLocation() =>
        ScriptBlock.Create("$ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath").Invoke()[0].ToString()!;

    /// <summary>In single quotes unless the word can stand alone.</summary>
    private static string Quote(string text) => text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or '/')
        && !text.StartsWith('-')
        ? text
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
}
