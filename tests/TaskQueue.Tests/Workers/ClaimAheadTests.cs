using Xunit;

namespace TaskQueue.Tests.Workers;

public sealed class ClaimAheadTests
{
    private readonly SteppedTime _time = new();

    [Fact]
    public void Nothing_is_held_before_a_handler_has_shown_how_long_it_takes()
    {
        var ahead = Ahead(slots: 8);
        ahead.Claimed(wanted: 8, got: 8, waited: 0);
        ahead.Started();

        Assert.Equal(0, ahead.Count);
    }

    [Theory]
    [InlineData(1, 1, 50)]
    [InlineData(2, 1, 100)]
    [InlineData(8, 10, 40)]
    [InlineData(2, 40, 2)]
    [InlineData(8, 0, 500)]
    [InlineData(1000, 1, 500)]
    public void As_many_are_held_as_start_within_50_ms_and_500_at_most(int slots, int milliseconds, int expected)
    {
        var ahead = Ahead(slots);
        Run(ahead, TimeSpan.FromMilliseconds(milliseconds), times: 3);

        Assert.Equal(expected, ahead.Count);
    }

    [Theory]
    [InlineData(400, true, 1)]
    [InlineData(400, false, 0)]
    [InlineData(600, true, 0)]
    public void Of_slower_tasks_one_is_held_if_the_queue_has_more_and_none_of_long_ones(int milliseconds, bool hasMore, int expected)
    {
        var ahead = Ahead(slots: 1);
        Run(ahead, TimeSpan.FromMilliseconds(milliseconds), times: 3);
        ahead.Claimed(wanted: 2, got: hasMore ? 2 : 1, waited: 0);
        ahead.Started();

        Assert.Equal(expected, ahead.Count);
    }

    [Fact]
    public void A_slower_run_of_handlers_shrinks_what_is_held_and_a_faster_one_lets_it_grow()
    {
        var ahead = Ahead(slots: 1);
        Run(ahead, TimeSpan.FromMilliseconds(1), times: 50);
        var fast = ahead.Count;
        Run(ahead, TimeSpan.FromMilliseconds(10), times: 50);
        var slow = ahead.Count;
        Run(ahead, TimeSpan.FromMilliseconds(1), times: 100);

        Assert.Equal((50, 5), (fast, slow));
        Assert.InRange(ahead.Count, 40, 50);
    }

    [Fact]
    public void What_waits_is_to_be_given_back_once_nothing_begins_any_more()
    {
        var ahead = Ahead(slots: 2);
        Run(ahead, TimeSpan.FromMilliseconds(1), times: 3);
        ahead.Started();
        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.False(ahead.ShouldGiveBack(waiting: 1));

        _time.Advance(TimeSpan.FromMilliseconds(60));
        Assert.True(ahead.ShouldGiveBack(waiting: 1));
        Assert.Equal(0, ahead.Count);

        ahead.Started();
        Assert.False(ahead.ShouldGiveBack(waiting: 1));
        Assert.Equal(100, ahead.Count);
    }

    [Fact]
    public void What_waits_is_to_be_given_back_once_it_would_take_far_longer_than_it_should()
    {
        var ahead = Ahead(slots: 1);
        Run(ahead, TimeSpan.FromMilliseconds(1), times: 50);
        Assert.False(ahead.ShouldGiveBack(waiting: 50));

        Run(ahead, TimeSpan.FromMilliseconds(90), times: 1);

        Assert.True(ahead.ShouldGiveBack(waiting: 50));
        Assert.False(ahead.ShouldGiveBack(waiting: 20));
    }

    [Fact]
    public void The_one_that_is_held_of_slower_tasks_is_not_given_back_for_its_wait()
    {
        var ahead = Ahead(slots: 1);
        Run(ahead, TimeSpan.FromMilliseconds(400), times: 3);
        ahead.Claimed(wanted: 2, got: 2, waited: 0);
        ahead.Started();

        Assert.False(ahead.ShouldGiveBack(waiting: 1));
    }

    [Fact]
    public void What_was_claimed_after_a_long_rest_is_not_given_back_at_once()
    {
        var ahead = Ahead(slots: 2);
        Run(ahead, TimeSpan.FromMilliseconds(1), times: 3);
        _time.Advance(TimeSpan.FromHours(1));

        ahead.Claimed(wanted: 2, got: 1, waited: 0);

        Assert.False(ahead.ShouldGiveBack(waiting: 1));
    }

    [Fact]
    public void A_number_that_was_given_is_held_to_whatever_handlers_do()
    {
        var ahead = new ClaimAhead(new WorkerOptions { Prefetch = 7, Concurrency = 2, Time = _time });
        Assert.Equal(7, ahead.Count);
        Run(ahead, TimeSpan.FromHours(1), times: 3);
        _time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(7, ahead.Count);
        Assert.False(ahead.ShouldGiveBack(waiting: 1));
    }

    private ClaimAhead Ahead(int slots) => new(new WorkerOptions { Concurrency = slots, Time = _time });

    private static void Run(ClaimAhead ahead, TimeSpan took, int times)
    {
        for (var time = 0; time < times; time++)
        {
            ahead.Started();
            ahead.Ended(took);
        }
    }
}
