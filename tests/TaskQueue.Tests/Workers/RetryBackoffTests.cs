using Xunit;

namespace TaskQueue.Tests.Workers;

public sealed class RetryBackoffTests
{
    private static readonly RetryBackoff Backoff = new() { First = TimeSpan.FromSeconds(10), Longest = TimeSpan.FromHours(1) };

    [Theory]
    [InlineData(0, 5, 10)]
    [InlineData(1, 10, 20)]
    [InlineData(4, 80, 160)]
    [InlineData(9, 1800, 3600)]
    [InlineData(100_000, 1800, 3600)]
    [InlineData(int.MaxValue, 1800, 3600)]
    public void The_wait_doubles_up_to_its_cap_and_is_drawn_from_the_upper_half(int retryCount, double least, double most)
    {
        Assert.Equal(TimeSpan.FromSeconds(least), Backoff.Delay(retryCount, 0));
        Assert.InRange(Backoff.Delay(retryCount, 0.999999).TotalSeconds, most * 0.99, most);
    }
}
