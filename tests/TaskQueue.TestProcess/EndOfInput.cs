namespace TaskQueue.TestProcess;

/// <summary>The parent ends a child kindly by closing its input.</summary>
internal static class EndOfInput
{
    private static readonly Lazy<Task> Reading = new(() => Task.Run(() =>
    {
        while (Console.ReadLine() is not null)
        {
            // Only the end counts.
        }
    }));

    public static bool Reached => Reading.Value.IsCompleted;

    public static void Await() => Reading.Value.Wait();
}
