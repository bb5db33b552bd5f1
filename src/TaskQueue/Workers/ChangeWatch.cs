namespace TaskQueue;

/// <summary>
/// Has the queue tell of its changes for as long as the worker lives. Where that cannot be had, it is asked for again; without it the worker
/// looks each second.
/// </summary>
/// <param name="store">The queue.</param>
/// <param name="changed">Called soon after a change, on any thread.</param>
/// <param name="warn">Called with what an operator should know.</param>
internal sealed class ChangeWatch(ITaskStore store, Action changed, Action<string> warn)
    : WorkerThread("TaskQueue changes", "Changes are noticed each second only", warn)
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1);

    private IDisposable? _watch;

    protected override TimeSpan Work()
    {
        if (_watch is null)
        {
            _watch = store.Watch(changed);
            // What came before it was not told.
            changed();
        }

        return Forever;
    }

    protected override void OnEnded() => _watch?.Dispose();
}
