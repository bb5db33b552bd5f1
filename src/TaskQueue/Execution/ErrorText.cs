namespace TaskQueue;

/// <summary>What to say of an error that may be anybody's: also one whose own text cannot be had.</summary>
internal static class ErrorText
{
    /// <summary>Its message; with its type where it is no error of this product, since such messages seldom say enough.</summary>
    public static string InALine(Exception error) =>
        error is TaskQueueException ? error.Message : Try(error, error => $"{error.GetType().FullName}: {error.Message}");

    /// <summary>Its type, its message and where it came from.</summary>
    public static string InFull(Exception error) => Try(error, error => error.ToString());

    private static string Try(Exception error, Func<Exception, string> say)
    {
        try
        {
            return say(error);
        }
        catch (Exception)
        {
            // Types of exceptions are code of others, too.
            return error.GetType().FullName!;
        }
    }
}
