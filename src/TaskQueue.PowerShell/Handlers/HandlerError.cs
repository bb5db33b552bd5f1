using System.Management.Automation;

namespace TaskQueue.PowerShell;

/// <summary>Describes the error that ended a handler: first its message, then its place in the script.</summary>
internal static class HandlerError
{
    /// <summary>Enough for any message and its trace; an error text is read by people.</summary>
    private const int LongestText = 64 * 1024;

    // A script that calls itself without end has thousands of frames.
    private const int MostFrames = 20;

    /// <param name="error">The error that ended the handler.</param>
    /// <param name="programs">What the handler's programs wrote; null if none can have run.</param>
    public static HandlerOutcome OutcomeOf(Exception error, NativeErrors? programs = null)
    {
        // An error that a handler throws on purpose needs no trace.
        if (ChainOf(error).OfType<DoNotRetryException>().FirstOrDefault() is { } final)
        {
            return HandlerOutcome.Failure(Shorten(final.Message), doNotRetry: true);
        }

        var record = RecordOf(error);
        string?[] told = [Guarded(() => programs?.MessageOf(record)) ?? MessageOf(error, record), PositionOf(record), TraceOf(record)];
        return HandlerOutcome.Failure(Shorten(string.Join('\n', told.OfType<string>())));
    }

    private static IEnumerable<Exception> ChainOf(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            yield return inner;
        }
    }

    private static ErrorRecord? RecordOf(Exception error) => Guarded(() => (error as IContainsErrorRecord)?.ErrorRecord);

    private static string MessageOf(Exception error, ErrorRecord? record) =>
        Guarded(() => record?.ToString()) is { Length: > 0 } text ? text
        : Guarded(() => error.Message) is { Length: > 0 } message ? message
        : error.GetType().FullName!;

    private static string? PositionOf(ErrorRecord? record) =>
        Guarded(
            () => HandlerCall.IsLineOf(record?.InvocationInfo?.Line)
                ? null
                : record?.InvocationInfo?.PositionMessage) is { Length: > 0 } position ? position : null;

    private static string? TraceOf(ErrorRecord? record)
    {
        // The last frame is our own line that called the handler.
        var frames = Guarded(() => record?.ScriptStackTrace)?.ReplaceLineEndings("\n").Split('\n') ?? [];
        return frames.Length switch
        {
            < 2 => null,
            <= MostFrames + 1 => string.Join('\n', frames[..^1]),
            _ => string.Join('\n', frames[..MostFrames]) + $"\n… and {frames.Length - 1 - MostFrames} more",
        };
    }

    // Anyone may write an exception class, so its properties may throw as well.
    private static T? Guarded<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return null;
        }
    }

    private static string Shorten(string text)
    {
        if (text.Length <= LongestText)
        {
            return text;
        }

        // The cut is never between the halves of a surrogate pair.
        var end = char.IsHighSurrogate(text[LongestText - 2]) ? LongestText - 2 : LongestText - 1;
        return text[..end] + "…";
    }
}
