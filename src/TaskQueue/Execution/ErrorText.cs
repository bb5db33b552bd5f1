namespace TaskQueue;

/// <summary>Describes an error of any origin, even one whose own message cannot be read.</summary>
internal static class ErrorText
{
    /// <summary>The error's message. For errors of other products also the type, since their messages seldom say enough.</summary>
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
