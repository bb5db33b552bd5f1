namespace TaskQueue.Server;

/// <summary>
/// Something that is done once and may fail. Callers that come during an attempt wait for it and share its outcome, instead of trying again
/// one after the other.
/// </summary>
internal sealed class SharedAttempt<T>(Func<T> attempt)
    where T : class
{
    private readonly Lock _gate = new();
    private Lazy<T>? _current;
    private volatile T? _done;

    public T? Done => _done;

    /// <summary>The result. If the attempt fails, its error is thrown to all callers that waited for it.</summary>
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
