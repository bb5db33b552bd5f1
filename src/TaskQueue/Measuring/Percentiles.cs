namespace TaskQueue;

/// <summary>Percentiles of a set of durations by the nearest-rank method: each is a value that really occurred.</summary>
/// <param name="Count">How many durations there were.</param>
public sealed record Percentiles(int Count, TimeSpan P50, TimeSpan P95, TimeSpan P99, TimeSpan Max)
{
    /// <summary>Null for an empty set. Sorts <paramref name="ticks"/>.</summary>
    public static Percentiles? Of(List<long> ticks)
    {
        if (ticks.Count == 0)
        {
            return null;
        }

        ticks.Sort();
        return new Percentiles(ticks.Count, At(50), At(95), At(99), At(100));

        TimeSpan At(int percent) => TimeSpan.FromTicks(ticks[(int)Math.Ceiling(percent / 100d * ticks.Count) - 1]);
    }

    public override string ToString() => $"p50 {Duration.Format(P50)}  p95 {Duration.Format(P95)}  p99 {Duration.Format(P99)}";
}
