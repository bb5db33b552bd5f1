using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using TaskQueue.Storage;

namespace TaskQueue.PowerShell;

/// <summary>
/// Completes a word from the contents of the queue that the command would use. It never throws, and reads a bounded number of rows.
/// </summary>
public abstract class QueueCompleter : IArgumentCompleter
{
    private const int MostResults = 50;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(50);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            return Complete(commandName, wordToComplete ?? "", fakeBoundParameters?["Queue"]);
        }
        catch (Exception error) when (error is TaskQueueException or ArgumentException or OperationCanceledException or RuntimeException
            or InvalidCastException)
        {
            return [];
        }
    }

    /// <summary>The candidates for the command, the best first, each with its tooltip. Their number is bounded.</summary>
    internal abstract IEnumerable<(string Text, string Tip)> CandidatesOf(ITaskStore store, string command, CancellationToken cancellation);

    private List<CompletionResult> Complete(string command, string word, object? queue)
    {
        var start = word.Trim('\'', '"');
        using var timer = new CancellationTokenSource(LongestWait * 4);
        var opened = queue is null ? ConnectedQueue.Current?.Store : null;
        var store = opened ?? TaskStores.Open(LocationOf(queue), new StoreOptions { Timeout = LongestWait, Cancellation = timer.Token });
        try
        {
            return
            [
                .. CandidatesOf(store, command, timer.Token)
                    .Where(candidate => candidate.Text.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                    .DistinctBy(candidate => candidate.Text)
                    .Take(MostResults)
                    .Select(
                        candidate => new CompletionResult(
                            Quote(candidate.Text), TerminalText.OneLine(candidate.Text), CompletionResultType.ParameterValue,
                            TerminalText.OneLine(candidate.Tip))),
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

    private static string LocationOf(object? queue)
    {
        var location = queue is null
            ? Environment.GetEnvironmentVariable(DefaultQueue.Variable)
            : LanguagePrimitives.ConvertTo<QueueLocation>(queue).Text;
        return location is null ? DefaultQueue.UserFile
            : TaskStores.NamesServer(location) ? DefaultQueue.WithSettings(location)
            // A completer has no cmdlet to resolve a path with, so the path is relative to the session's location.
            : Path.GetFullPath(location, SessionLocation());
    }

    private static string SessionLocation() =>
        ScriptBlock.Create("$ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath").Invoke()[0].ToString()!;

    /// <summary>
    /// The word as it can be typed: bare if it can stand alone, else in single quotes. In double quotes, with escapes, if it holds
    /// characters that must not reach a terminal.
    /// </summary>
    private static string Quote(string text)
    {
        if (text.EnumerateRunes().Any(TerminalText.IsUnshowable))
        {
            return $"\"{string.Concat(text.EnumerateRunes().Select(Escape))}\"";
        }

        return text.All(character => char.IsAsciiLetterOrDigit(character) || character is '_' or '-' or '.' or '/') && !text.StartsWith('-')
            ? text
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";
    }

    private static string Escape(Rune character) => character.Value switch
    {
        // PowerShell treats the typographic quotes like the plain one.
        '`' or '$' or '"' or '\u201C' or '\u201D' or '\u201E' => $"`{character}",
        _ when TerminalText.IsUnshowable(character) => TerminalText.Escape(character),
        _ => character.ToString(),
    };
}
