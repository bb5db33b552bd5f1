namespace TaskQueue;

/// <summary>
/// Says how many tasks a worker claims beyond those that run: a fixed number, or as many as its handlers will probably start within <see
/// cref="Horizon"/>. The estimate is an average of how long the handlers took.
/// </summary>
/// <param name="options">How the worker works.</param>
internal sealed class ClaimAhead(WorkerOptions options)
{
    /// <summary>How long a claimed task should wait for its slot at the most.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromMilliseconds(50);

    // Larger claims are hardly cheaper for each task.
    private const int Most = 500;

    // Handlers have become slower if what waits would take so much longer than it should.
    private const int LongestWaitInHorizons = 4;

    // Slower handlers gain nothing from a task that waits for them.
    private static readonly TimeSpan LongestForOne = TimeSpan.FromMilliseconds(500);

    // The weight of the latest duration in the average.
    private const double Weight = 1.0 / 16;

    private readonly Lock _gate = new();
    private TimeSpan? _average;
    private long _lastProgress;
    private bool _queueHadMore;

    /// <summary>How many may wait for a slot now.</summary>
    public int Count
    {
        get
        {
            if (options.Prefetch is { } fixedCount)
            {
                return fixedCount;
            }

            lock (_gate)
            {
                if (_average is not { } average || HandlersAreSlow(average))
                {
                    return 0;
                }

                var soon = (int)Math.Min(Most, Horizon * options.Concurrency / average);
                return soon == 0 && _queueHadMore && average <= LongestForOne ? 1 : soon;
            }
        }
    }

    /// <summary>True if waiting tasks are to be given back because handlers have become slow.</summary>
    /// <param name="waiting">How many wait for a slot.</param>
    public bool ShouldGiveBack(int waiting)
    {
        lock (_gate)
        {
            return options.Prefetch is null
                && _average is { } average
                && (HandlersAreSlow(average) || waiting * average / options.Concurrency > Horizon * LongestWaitInHorizons)
                && waiting > Count;
        }
    }

    /// <summary>A slot begins a task.</summary>
    public void Started()
    {
        lock (_gate)
        {
            _lastProgress = options.Time.GetTimestamp();
        }
    }

    /// <summary>A handler has returned.</summary>
    public void Ended(TimeSpan ran)
    {
        lock (_gate)
        {
            _average = _average is { } average ? average + ((ran - average) * Weight) : ran;
        }
    }

    /// <summary>A claim was answered.</summary>
    /// <param name="wanted">How many tasks it asked for.</param>
    /// <param name="got">How many it got.</param>
    /// <param name="waited">How many waited for a slot already.</param>
    public void Claimed(int wanted, int got, int waited)
    {
        lock (_gate)
        {
            _queueHadMore = got == wanted;
            if (waited == 0)
            {
                // What waits, waits from now on.
                _lastProgress = options.Time.GetTimestamp();
            }
        }
    }

    // No task has begun for twice as long as usual.
    private bool HandlersAreSlow(TimeSpan average) =>
        options.Time.GetElapsedTime(_lastProgress) > 2 * (Horizon + (average / options.Concurrency));
}
