namespace TaskQueue.Benchmarks;

/// <summary>Work on threads of its own.</summary>
internal static class OnThreads
{
    /// <summary>Does the same on each of some threads, which begin together; returns when all have ended.</summary>
    public static void Run(int count, Action work)
    {
        using var start = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            work();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }
}
