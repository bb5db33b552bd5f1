using System.Globalization;

namespace TaskQueue.Tests;

/// <summary>How long the tests go on that get better with time.</summary>
internal static class TestScale
{
    /// <summary>The environment variable <c>TASKQUEUE_TEST_SCALE</c>: 1 unless it is set, 6 for a run six times as long.</summary>
    public static double Factor { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("TASKQUEUE_TEST_SCALE"), CultureInfo.InvariantCulture, out var factor)
            && factor > 0 ? factor : 1;

    public static TimeSpan Scaled(TimeSpan usual) => usual * Factor;

    public static int Scaled(int usual) => (int)(usual * Factor);
}
