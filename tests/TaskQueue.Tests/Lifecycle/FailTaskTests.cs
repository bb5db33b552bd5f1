using Xunit;

namespace TaskQueue.Tests;

public sealed class FailTaskTests
{
    private static readonly FailTask Fail = new("render-881", TestTask.Token, "disk full", TimeSpan.FromSeconds(30));

    [Fact]
    public void A_failure_with_a_retry_left_costs_one_and_is_due_after_the_backoff()
    {
        var before = TestTask.In(QueueTaskStatus.Running);

        var transition = Fail.Apply(before, TestTask.Now);

        var after = transition.After!;
        Assert.Equal(QueueTaskStatus.Retry, after.Status);
        Assert.Equal(before.RetryCount + 1, after.RetryCount);
        Assert.Equal(TestTask.Now.AddSeconds(30), after.DueAt);
        Assert.Equal("disk full", after.ErrorMessage);
        Assert.Null(after.CompletedAt);
        Assert.Null(after.LeaseExpiresAt);
        Assert.Equal("failure", transition.EventKind);
    }

    [Theory]
    [InlineData(0, 0, QueueTaskStatus.Failed)]
    [InlineData(0, 1, QueueTaskStatus.Retry)]
    [InlineData(2, 3, QueueTaskStatus.Retry)]
    [InlineData(3, 3, QueueTaskStatus.Failed)]
    [InlineData(5, 3, QueueTaskStatus.Failed)]
    public void A_task_is_retried_while_its_retry_count_is_below_the_maximum(int retryCount, int maxRetries, QueueTaskStatus expected)
    {
        var before = TestTask.In(QueueTaskStatus.Running) with { RetryCount = retryCount, MaxRetries = maxRetries };

        Assert.Equal(expected, Fail.Apply(before, TestTask.Now).After?.Status);
    }

    [Theory]
    [InlineData(3, false)]
    [InlineData(1, true)]
    public void A_failure_without_a_further_try_ends_the_task_now(int retryCount, bool doNotRetry)
    {
        var before = TestTask.In(QueueTaskStatus.Running) with { RetryCount = retryCount };

        var after = (Fail with { DoNotRetry = doNotRetry }).Apply(before, TestTask.Now).After!;

        Assert.Equal(QueueTaskStatus.Failed, after.Status);
        Assert.Equal(retryCount, after.RetryCount);
        Assert.Equal(before.DueAt, after.DueAt);
        Assert.Equal(TestTask.Now, after.CompletedAt);
        Assert.Equal("disk full", after.ErrorMessage);
        Assert.Null(after.LeaseExpiresAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_repeated_failure_costs_no_second_retry(bool doNotRetry)
    {
        var fail = Fail with { DoNotRetry = doNotRetry };
        var failed = fail.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

        Assert.Equal(Transition.AlreadyApplied, fail.Apply(failed, TestTask.Now.AddHours(1)));
    }

    [Fact]
    public void A_message_is_what_every_store_keeps_so_that_its_repetition_is_known()
    {
        // Not as data of a theory: no attribute can hold half a surrogate pair.
        foreach (var (message, kept) in new[] { ("a\0b", "a\uFFFDb"), ("x\uD800y", "x\uFFFDy"), ("\uD83D\uDE00", "\uD83D\uDE00") })
        {
            var fail = Fail with { ErrorMessage = message };
            var failed = fail.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

            Assert.Equal(kept, failed.ErrorMessage);
            Assert.Equal(Transition.AlreadyApplied, fail.Apply(failed, TestTask.Now));
            Assert.Equal(kept, new FailTask(fail.Id, fail.Token, message, fail.RetryDelay).ErrorMessage);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_second_failure_with_another_message_is_late(bool doNotRetry)
    {
        var failed = (Fail with { DoNotRetry = doNotRetry }).Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;

        var second = (Fail with { ErrorMessage = "network down" }).Apply(failed, TestTask.Now);

        Assert.Equal((TaskOutcomeKind.Superseded, "late result"), (second.Outcome, second.EventKind));
        Assert.Null(second.After);
    }

    [Fact]
    public void A_repeated_failure_does_not_touch_the_next_attempt()
    {
        var failed = Fail.Apply(TestTask.In(QueueTaskStatus.Running), TestTask.Now).After!;
        var due = new MakeTaskDue(failed.Id).Apply(failed, TestTask.Now.AddHours(1)).After!;
        var claimed = new ClaimTask(failed.Id, TestTask.OtherToken, "web02:9120", TimeSpan.FromMinutes(1)).Apply(
            due, TestTask.Now.AddHours(1)).After!;

        var again = Fail.Apply(claimed, TestTask.Now.AddHours(1));

        Assert.Equal(TaskOutcomeKind.Superseded, again.Outcome);
        Assert.Null(again.After);
    }
}
