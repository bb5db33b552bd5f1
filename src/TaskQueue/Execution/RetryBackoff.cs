namespace TaskQueue;

/// <summary>
/// The wait before a failed task's next try: it doubles with each retry up to a cap, and is then drawn from its upper half, so
/// that tasks which failed together do not come back together.
/// </summary>
public sealed record RetryBackoff
{
    /// <summary>The wait before the first retry, at most; 10 s.</summary>
    public TimeSpan First { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>No wait is longer; 1 h.</summary>
    public TimeSpan Longest { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The wait after a failure.</summary>
    /// <param name="retryCount">How many failures have been followed by a retry before this one, from 0.</param>
    /// <param name="random">A number from 0 up to 1, without 1.</param>
    public TimeSpan Delay(int retryCount, double random)
    {
        // As a double: 2^n of a long would overflow long before the cap is looked at.
        var full = Math.Min(Longest.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, retryCount));
        return TimeSpan.FromMilliseconds(Math.Round(full * (0.5 + (0.5 * random))));
    }
}
