namespace TaskQueue;

/// <summary>Wakes whoever waits for something to change in one queue or several.</summary>
internal sealed class QueueWatch : IDisposable
{
    // Not disposed: a late call may come after the watches have ended. It holds no handle of the system.
    private readonly ManualResetEventSlim _changed = new();
    private readonly List<IDisposable> _watches = [];

    public QueueWatch(params IEnumerable<IWorkSource> sources)
    {
        foreach (var source in sources)
        {
            Add(source);
        }
    }

    /// <summary>Watches a further queue.</summary>
    public void Add(IWorkSource source) => _watches.Add(source.Watch(_changed.Set));

    /// <summary>Returns after a change, at the latest after <paramref name="longest"/>.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Wait(TimeSpan longest, CancellationToken cancellation)
    {
        _changed.Wait(longest > TimeSpan.Zero ? longest : TimeSpan.Zero, cancellation);
        _changed.Reset();
    }

    public void Dispose() => _watches.ForEach(watch => watch.Dispose());
}
