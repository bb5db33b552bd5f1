namespace TaskQueue;

/// <summary>Counts how the attempts of a worker ended. From any thread.</summary>
internal sealed class WorkerFigures
{
    private long _done;
    private long _failed;
    private long _retried;

    /// <summary>Counts the end of an attempt by the status it led to.</summary>
    public void Count(QueueTaskStatus status)
    {
        switch (status)
        {
            case QueueTaskStatus.Success:
                Interlocked.Increment(ref _done);
                break;
            case QueueTaskStatus.Failed:
                Interlocked.Increment(ref _failed);
                break;
            case QueueTaskStatus.Retry:
                Interlocked.Increment(ref _retried);
                break;
            default:
                break;
        }
    }

    /// <summary>The figures since the start.</summary>
    public WorkerCounts Now(int running) =>
        new(Interlocked.Read(ref _done), Interlocked.Read(ref _failed), Interlocked.Read(ref _retried), running);
}

/// <summary>A worker's figures since it started.</summary>
/// <param name="Done">Tasks that succeeded.</param>
/// <param name="Failed">Tasks that failed for good.</param>
/// <param name="Retried">Failures that are followed by another try.</param>
/// <param name="Running">Handlers that run now.</param>
public readonly record struct WorkerCounts(long Done, long Failed, long Retried, int Running);
