namespace TaskQueue.Server;

/// <summary>
/// Something that is done once and may fail: whoever asks while it is being tried waits for that try and shares its outcome, instead of
/// trying again when its turn comes.
/// </summary>
internal sealed class SharedAttempt<T>(Func<T> attempt)
    where T : class
{
    private readonly Lock _gate = new();
    private Lazy<T>? _current;
    private volatile T? _done;

    public T? Done => _done;

    /// <summary>What came of it; the failure of this try is thrown to all who wait for it.</summary>
    public T Get()
    {
        if (_done is { } done)
        {
            return done;
        }

        Lazy<T> current;
        lock (_gate)
        {
            current = _current ??= new Lazy<T>(attempt, LazyThreadSafetyMode.ExecutionAndPublication);
        }

        try
        {
            return _done = current.Value;
        }
        finally
        {
            lock (_gate)
            {
                if (ReferenceEquals(_current, current))
                {
                    _current = null;
                }
            }
        }
    }
}
