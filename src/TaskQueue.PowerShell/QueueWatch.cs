namespace TaskQueue.PowerShell;

/// <summary>Wakes a command that waits for something to change in one queue or several.</summary>
internal sealed class QueueWatch : IDisposable
{
    // Not disposed: a call that is on its way may come after the watches ended, and it holds no handle of the system.
    private readonly ManualResetEventSlim _changed = new();
    private readonly List<IDisposable> _watches = [];

    public QueueWatch(params IEnumerable<ITaskStore> stores)
    {
        foreach (var store in stores)
        {
            Add(store);
        }
    }

    /// <summary>Watches a further queue.</summary>
    public void Add(ITaskStore store) => _watches.Add(store.Watch(_changed.Set));

    /// <summary>Returns after a change, at the latest after <paramref name="longest"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Wait(TimeSpan longest, CancellationToken cancellation)
    {
        _changed.Wait(longest > TimeSpan.Zero ? longest : TimeSpan.Zero, cancellation);
        _changed.Reset();
    }

    public void Dispose() => _watches.ForEach(watch => watch.Dispose());
}
