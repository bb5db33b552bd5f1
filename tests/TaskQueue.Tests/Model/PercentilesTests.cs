using CsCheck;
using Xunit;

namespace TaskQueue.Tests;

public sealed class PercentilesTests
{
    [Fact]
    public void An_empty_set_has_none()
    {
        Assert.Null(Percentiles.Of([]));
    }

    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(2, 1, 2, 2, 2)]
    [InlineData(4, 2, 4, 4, 4)]
    [InlineData(20, 10, 19, 20, 20)]
    [InlineData(100, 50, 95, 99, 100)]
    [InlineData(1000, 500, 950, 990, 1000)]
    public void Of_one_to_n_each_percentile_is_its_nearest_rank(int n, int p50, int p95, int p99, int max)
    {
        var percentiles = Percentiles.Of([.. Enumerable.Range(1, n).Reverse().Select(number => (long)number)])!;

        Assert.Equal(n, percentiles.Count);
        Assert.Equal(
            (p50, p95, p99, max),
            (percentiles.P50.Ticks, percentiles.P95.Ticks, percentiles.P99.Ticks, percentiles.Max.Ticks));
    }

    [Fact]
    public void The_rank_is_that_of_whole_numbers_for_any_count()
    {
        Gen.Int[1, 20_000].Sample(
            n =>
            {
                var percentiles = Percentiles.Of([.. Enumerable.Range(1, n).Select(number => (long)number)])!;
                Assert.Equal((Rank(50), Rank(95), Rank(99)), (percentiles.P50.Ticks, percentiles.P95.Ticks, percentiles.P99.Ticks));

                int Rank(int percent) => ((percent * n) + 99) / 100;
            },
            iter: 2_000);
    }

    [Fact]
    public void They_are_shown_in_the_short_form_of_durations()
    {
        Assert.Equal("p50 1.5h  p95 1.5h  p99 1.5h", Percentiles.Of([TimeSpan.FromMinutes(90).Ticks])!.ToString());
    }
}
