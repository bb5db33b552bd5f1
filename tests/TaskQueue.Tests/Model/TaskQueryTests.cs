using Xunit;

namespace TaskQueue.Tests;

public sealed class TaskQueryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(61, true, false)]
    [InlineData(60, true, false)]
    [InlineData(59, false, true)]
    [InlineData(0, false, true)]
    [InlineData(-5, false, true)]
    [InlineData(null, false, false)]
    public void A_task_is_older_from_the_limit_on_newer_below_it_and_of_unknown_age_neither(int? minutes, bool isOlder, bool isNewer)
    {
        var task = TestTask.In(QueueTaskStatus.Running) with { StateSince = minutes is { } age ? TestTask.Now.AddMinutes(-age) : null };

        Assert.Equal(isOlder, new TaskQuery { OlderThan = Hour }.MatchesAge(task, TestTask.Now));
        Assert.Equal(isNewer, new TaskQuery { NewerThan = Hour }.MatchesAge(task, TestTask.Now));
        Assert.True(new TaskQuery().MatchesAge(task, TestTask.Now));
    }

    [Theory]
    [InlineData(90, true)]
    [InlineData(30, false)]
    [InlineData(150, false)]
    public void Both_limits_make_a_window(int minutes, bool matches)
    {
        var window = new TaskQuery { OlderThan = Hour, NewerThan = 2 * Hour };

        Assert.Equal(
            matches,
            window.MatchesAge(TestTask.In(QueueTaskStatus.Running) with { StateSince = TestTask.Now.AddMinutes(-minutes) }, TestTask.Now));
    }

    [Fact]
    public void The_age_counts_from_the_present_status_not_from_the_creation()
    {
        var task = TestTask.In(QueueTaskStatus.Failed) with
        {
            CreatedAt = TestTask.Now.AddDays(-9), StateSince = TestTask.Now.AddMinutes(-1),
        };

        Assert.False(new TaskQuery { OlderThan = Hour }.MatchesAge(task, TestTask.Now));
    }
}
