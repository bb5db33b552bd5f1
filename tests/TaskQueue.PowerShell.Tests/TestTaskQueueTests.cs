namespace TaskQueue.PowerShell.Tests;

public sealed class TestTaskQueueTests
{
    [Theory]
    [InlineData("Test-TaskQueue", true)]
    [InlineData("Test-TaskQueue -MaxStuck 2", true)]
    [InlineData("Test-TaskQueue -MaxStuck 1", false)]
    [InlineData("Test-TaskQueue -MaxStuck 0 -MaxAge 70h", true)]
    [InlineData("Test-TaskQueue -MaxAge 70h", true)]
    [InlineData("Test-TaskQueue -MaxAge 30m", false)]
    [InlineData("Test-TaskQueue -MaxStuck 1 -MaxAge 30h", true)]
    [InlineData("Test-TaskQueue -MaxWaiting 2", true)]
    [InlineData("Test-TaskQueue -MaxWaiting 1", false)]
    [InlineData("Test-TaskQueue -MaxStuck 2 -MaxWaiting 2 -MaxAge 1h", true)]
    public void Only_the_limits_that_are_given_decide(string command, bool expected)
    {
        using QueueSession session = new();
        session.Add("a", "b");
        session.Values<object>("$null = New-QueueTask work -Id later -Delay 2d");
        session.AddRunning("old", hours: 66.8);
        session.AddRunning("older", hours: 20);
        session.AddRunning("young", hours: 0.4);
        var result = session.Run(command);
        Assert.Equal([expected], result.Values<bool>());
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void A_task_whose_worker_still_renews_its_lease_is_not_stuck()
    {
        using QueueSession session = new();
        session.Add("slow");
        EngineReflection.Claim(session.Queue, "work", TimeSpan.FromMinutes(10));
        Thread.Sleep(20);
        Assert.True(session.Value<bool>("Test-TaskQueue -MaxStuck 0 -MaxAge 10ms"));
    }

    [Fact]
    public void Verbose_says_which_limit_failed_and_by_how_much()
    {
        using QueueSession session = new();
        session.AddRunning("old", hours: 66.8);
        session.Add("a");
        var result = session.Run("Test-TaskQueue -MaxStuck 0 -MaxWaiting 0 -Verbose");
        Assert.Equal([false], result.Values<bool>());
        Assert.Equal(
            ["1 task is stuck for longer than 1h, such as 'old'; the limit is 0.", "More than 0 tasks are due and wait for a worker."],
            result.Verbose);
    }

    [Theory]
    [InlineData("missing.db", "There is no queue at")]
    [InlineData("notes.txt", "is not a task queue")]
    public void A_queue_that_cannot_be_read_is_false_with_a_warning_and_no_error(string name, string warning)
    {
        using QueueSession session = new();
        File.WriteAllText(session.InFolder("notes.txt"), "these are notes and no database whatsoever");
        var result = session.Run("Test-TaskQueue -Queue $other -MaxStuck 0 -ErrorAction Stop", ("other", session.InFolder(name)));
        Assert.Equal([false], result.Values<bool>());
        Assert.Contains(warning, Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_in_the_original_layout_is_tested_too()
    {
        using OriginalIncident incident = new(recorded: false);
        Assert.Equal(["False", "True", "True"], incident.Session.Values<string>(
            "\"$(Test-TaskQueue -MaxStuck 6)\"; \"$(Test-TaskQueue -MaxStuck 7)\"; \"$(Test-TaskQueue -MaxStuck 0 -MaxAge 70h)\""));
    }
}
