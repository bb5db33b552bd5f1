using System.Diagnostics;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

public sealed class ServerClockTests
{
    private static readonly DateTimeOffset Said = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly ServerClock _clock = new();

    [Fact]
    public void What_the_server_said_goes_on_from_when_it_was_asked()
    {
        _clock.Set(Said, Stopwatch.GetTimestamp());

        // Nothing is known any more on a machine that takes a second for this.
        Assert.True((_clock.Now ?? Said) >= Said);
    }

    [Fact]
    public void An_answer_that_was_long_under_way_tells_no_time()
    {
        _clock.Set(Said, Stopwatch.GetTimestamp() - (Stopwatch.Frequency / 10));

        Assert.Null(_clock.Now);
    }

    [Fact]
    public void After_an_error_nothing_is_known()
    {
        _clock.Set(Said, Stopwatch.GetTimestamp());
        _clock.Forget();

        Assert.Null(_clock.Now);
    }
}
