using System.Diagnostics;

namespace TaskQueue.Benchmarks;

/// <summary>Measured values of one kind.</summary>
internal sealed class Spread
{
    private readonly List<double> _values = [];

    public static Spread Of(IEnumerable<double> values)
    {
        var spread = new Spread();
        spread._values.AddRange(values);
        return spread;
    }

    public int Count => _values.Count;

    public double Median => At(0.5);

    public void Add(double value) => _values.Add(value);

    /// <summary>Adds how long <paramref name="work"/> takes, in milliseconds.</summary>
    public T Time<T>(Func<T> work)
    {
        var started = Stopwatch.GetTimestamp();
        var result = work();
        Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return result;
    }

    /// <summary>The value that the given part of all, 0 to 1, does not exceed.</summary>
    public double At(double part)
    {
        var sorted = _values.Order().ToList();
        return sorted.Count == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling(part * sorted.Count) - 1, 0, sorted.Count - 1)];
    }

    /// <summary>Smallest / median / largest; a single one as it is.</summary>
    public string Show(string format) =>
        Count == 1 ? Median.ToString(format) : $"{At(0).ToString(format)} / {Median.ToString(format)} / {At(1).ToString(format)}";

    /// <summary>Median, p99 and largest, of milliseconds.</summary>
    public string ShowLatency() => $"p50 {Median:0.00} ms, p99 {At(0.99):0.00} ms, largest {At(1):0.0} ms, {Count} times";
}
