namespace TaskQueue.Storage;

/// <summary>One caller's write, waiting for its turn in a group commit.</summary>
/// <param name="work">What to write.</param>
/// <param name="timeout">How long the caller waits for locks.</param>
/// <param name="cancellation">Cancelled when the caller gives up.</param>
internal sealed class WriteRequest(Func<SqliteSession, object?> work, TimeSpan timeout, CancellationToken cancellation)
{
    private enum State
    {
        Waiting,
        Started,
        Abandoned,
    }

    private readonly TaskCompletionSource<object?> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state = (int)State.Waiting;
    private object? _result;

    public TimeSpan Timeout { get; } = timeout;

    /// <summary>True once the caller no longer wants the write, though it may have begun.</summary>
    public bool IsCancelled => cancellation.IsCancellationRequested;

    public bool IsAbandoned => Volatile.Read(ref _state) == (int)State.Abandoned;

    /// <summary>False if the caller has given up: then it must not run.</summary>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, (int)State.Started, (int)State.Waiting) == (int)State.Waiting;

    public void Run(SqliteSession session) => _result = work(session);

    /// <summary>Tells the caller that its write is committed. Called only after COMMIT: nothing acknowledged is ever lost.</summary>
    public void Acknowledge() => _completion.TrySetResult(_result);

    public void Fail(Exception error) => _completion.TrySetException(error);

    /// <summary>
    /// Waits for the outcome. A caller that gives up before its turn leaves nothing behind; later it gets the true outcome.
    /// </summary>
    public object? Wait(string path)
    {
        var task = _completion.Task;
        try
        {
            var milliseconds = (int)Math.Min(Timeout.TotalMilliseconds, int.MaxValue);
            if (Task.WaitAny([task], milliseconds, cancellation) < 0 && TryAbandon())
            {
                throw SqliteErrors.Locked(path, Timeout);
            }
        }
        catch (OperationCanceledException) when (!TryAbandon())
        {
            // It runs already. The work itself watches the token and either rolls back or commits: wait for the result.
        }

        return task.GetAwaiter().GetResult();
    }

    private bool TryAbandon() => Interlocked.CompareExchange(ref _state, (int)State.Abandoned, (int)State.Waiting) == (int)State.Waiting;
}
