namespace TaskQueue.Storage;

/// <summary>A call to who watches a queue, from the one thread that watches it for all.</summary>
internal static class WatcherCall
{
    /// <summary>Calls back. An exception of the callback must end neither the process nor the watch of the others.</summary>
    public static void Make(Action changed)
    {
        try
        {
            changed();
        }
        catch (Exception)
        {
            // The next change is told all the same.
        }
    }
}
