using Xunit;

namespace TaskQueue.Tests;

public sealed class StatusNamesTests
{
    [Theory]
    [InlineData(QueueTaskStatus.Pending, "pending", true, false)]
    [InlineData(QueueTaskStatus.Retry, "retry", true, false)]
    [InlineData(QueueTaskStatus.Running, "running", false, false)]
    [InlineData(QueueTaskStatus.Success, "success", false, true)]
    [InlineData(QueueTaskStatus.Failed, "failed", false, true)]
    [InlineData(QueueTaskStatus.Cancelled, "cancelled", false, true)]
    public void A_status_is_stored_in_lower_case_and_waits_runs_or_is_finished(
        QueueTaskStatus status, string text, bool isWaiting, bool isFinished)
    {
        Assert.Equal(text, status.ToText());
        Assert.Equal(status, StatusNames.Parse(text));
        Assert.Equal((isWaiting, isFinished), (status.IsWaiting(), status.IsFinished()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Pending")]
    [InlineData("running ")]
    [InlineData("paused")]
    [InlineData("unknown")]
    public void Any_other_word_is_unknown(string? text)
    {
        Assert.Equal(QueueTaskStatus.Unknown, StatusNames.Parse(text));
    }

    [Fact]
    public void The_unknown_status_has_no_text_and_neither_waits_nor_is_finished()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => QueueTaskStatus.Unknown.ToText());
        Assert.False(QueueTaskStatus.Unknown.IsWaiting());
        Assert.False(QueueTaskStatus.Unknown.IsFinished());
    }

    [Fact]
    public void All_lists_every_status_but_the_unknown_in_the_order_of_a_life()
    {
        Assert.Equal(Enum.GetValues<QueueTaskStatus>().Except([QueueTaskStatus.Unknown]), StatusNames.All);
    }
}
