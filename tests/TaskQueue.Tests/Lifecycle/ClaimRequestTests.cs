using Xunit;

namespace TaskQueue.Tests;

public sealed class ClaimRequestTests
{
    [Fact]
    public void No_token_comes_twice_and_later_ones_stand_behind_earlier_ones()
    {
        var earlier = ClaimRequest.NewTokens(1000);
        // Tokens of one millisecond stand in any order.
        var end = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        SpinWait.SpinUntil(() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() > end);
        var later = ClaimRequest.NewTokens(1000);

        Assert.Distinct(earlier.Concat(later));
        // As their 16 bytes stand in an index.
        Assert.True(string.CompareOrdinal(earlier.Max(token => token.ToString("N")), later.Min(token => token.ToString("N"))) < 0);
    }
}
