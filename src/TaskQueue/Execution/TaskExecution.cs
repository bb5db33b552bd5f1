using System.Diagnostics.CodeAnalysis;

namespace TaskQueue;

/// <summary>One run of a task, as its handler sees it: the task, the way to report progress, and the two steps of a stop.</summary>
[SuppressMessage(
    "Design", "CA1001",
    Justification = "What a handler leaves behind may still ask its token; without a timer a source holds nothing but memory.")]
public sealed class TaskExecution
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly CancellationTokenSource _kill = new();
    private readonly Lock _gate = new();
    private (double? Percent, string? Message)? _progress;
    private bool _knowsCancellation;

    public TaskExecution(QueueTask task) => Task = task;

    /// <summary>The task as it was claimed.</summary>
    public QueueTask Task { get; }

    /// <summary>
    /// The first step: the handler is asked to end. A handler that never asked for this token gets no grace, since nothing
    /// could tell it to end.
    /// </summary>
    public CancellationToken Cancellation
    {
        get
        {
            Volatile.Write(ref _knowsCancellation, true);
            return _cancellation.Token;
        }
    }

    /// <summary>
    /// The second step, for what runs the handler: its pipeline is to be stopped, its processes are to be killed. Callbacks
    /// registered here must not block.
    /// </summary>
    public CancellationToken Kill => _kill.Token;

    /// <summary>True once the handler was told to end. Unlike <see cref="Cancellation"/>, asking for it gives no grace period.</summary>
    public bool IsStopped => _cancellation.IsCancellationRequested;

    /// <summary>Says how far the task is. Kept in memory and written within a second; the last report counts.</summary>
    /// <param name="percent">0 to 100; null leaves it as it is.</param>
    /// <param name="message">What is being done; null leaves it as it is.</param>
    /// <exception cref="TaskValidationException">The percentage is out of range.</exception>
    public void Report(double? percent, string? message = null)
    {
        TaskRules.CheckProgress(percent);
        lock (_gate)
        {
            _progress = (percent ?? _progress?.Percent, message ?? _progress?.Message);
        }
    }

    /// <summary>True if the handler could learn of a cancellation.</summary>
    internal bool KnowsCancellation => Volatile.Read(ref _knowsCancellation);

    // Callbacks of a handler run on threads of their own: one that blocks must not keep others from being stopped.
    internal void RequestCancellation() => _cancellation.CancelAsync();

    internal void RequestKill() => _kill.CancelAsync();

    /// <summary>Gives back what was taken and could not be written, unless something newer was reported meanwhile.</summary>
    internal void PutBack((double? Percent, string? Message)? progress)
    {
        lock (_gate)
        {
            if (progress is { } known)
            {
                _progress = (_progress?.Percent ?? known.Percent, _progress?.Message ?? known.Message);
            }
        }
    }

    /// <summary>What was reported since the last call; null for nothing.</summary>
    internal (double? Percent, string? Message)? TakeProgress()
    {
        lock (_gate)
        {
            var progress = _progress;
            _progress = null;
            return progress;
        }
    }
}
