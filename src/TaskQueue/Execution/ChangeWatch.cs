namespace TaskQueue;

/// <summary>
/// Watches the queue for changes as long as the worker lives. If the watch fails, it is set up again. Until then the worker polls each
/// second.
/// </summary>
/// <param name="holder">The worker or session.</param>
/// <param name="changed">Called soon after a change, on any thread.</param>
internal sealed class ChangeWatch(ClaimHolder holder, Action changed)
    : WorkerThread("TaskQueue changes", "Changes are noticed each second only", holder)
{
    private static readonly TimeSpan Forever = TimeSpan.FromDays(1);

    private IDisposable? _watch;

    protected override TimeSpan Work()
    {
        if (_watch is null)
        {
            _watch = Holder.Source.Watch(changed);
            // What came before it was not told.
            changed();
        }

        return Forever;
    }

    protected override void OnEnded() => _watch?.Dispose();
}
