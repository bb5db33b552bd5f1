using Xunit;

namespace TaskQueue.Tests;

public sealed class RecoverTaskTests
{
    private static readonly QueueTask Running = TestTask.In(QueueTaskStatus.Running);
    private static readonly RecoverTask Recover = new("render-881", TestTask.Token, TestTask.Lease, Budget: 3);

    [Fact]
    public void A_recovered_task_is_due_at_once_counts_a_recovery_and_costs_no_retry()
    {
        var transition = Recover.Apply(Running, TestTask.Now);

        var after = transition.After!;
        Assert.Equal(QueueTaskStatus.Retry, after.Status);
        Assert.Equal(Running.Recoveries + 1, after.Recoveries);
        Assert.Equal((Running.RetryCount, Running.Attempt), (after.RetryCount, after.Attempt));
        Assert.Equal(TestTask.Now, after.DueAt);
        Assert.Null(after.ClaimToken);
        Assert.Null(after.LeaseExpiresAt);
        Assert.Equal("recovery", transition.EventKind);
    }

    [Theory]
    [InlineData(2, 3, QueueTaskStatus.Retry)]
    [InlineData(3, 3, QueueTaskStatus.Failed)]
    [InlineData(0, 0, QueueTaskStatus.Failed)]
    public void A_task_is_recovered_while_the_budget_lasts(int recoveries, int budget, QueueTaskStatus expected)
    {
        var after = (Recover with { Budget = budget }).Apply(Running with { Recoveries = recoveries }, TestTask.Now).After!;

        Assert.Equal(expected, after.Status);
        Assert.Null(after.ClaimToken);
    }

    [Fact]
    public void A_task_beyond_the_budget_fails_and_says_why()
    {
        var after = (Recover with { Budget = 1 }).Apply(Running, TestTask.Now).After!;

        Assert.Equal("Recovered 1 times from workers that stopped answering; the budget is 1", after.ErrorMessage);
        Assert.Equal(TestTask.Now, after.CompletedAt);
    }

    [Fact]
    public void A_lease_that_was_renewed_or_belongs_to_another_claim_is_a_proof_of_life()
    {
        var superseded = Transition.Refused(TaskOutcomeKind.Superseded);

        Assert.Equal(superseded, Recover.Apply(Running with { LeaseExpiresAt = TestTask.Lease.AddMinutes(1) }, TestTask.Now));
        Assert.Equal(superseded, Recover.Apply(Running with { ClaimToken = TestTask.OtherToken }, TestTask.Now));
        Assert.Equal(superseded, Recover.Apply(Running with { ClaimToken = null }, TestTask.Now));
        Assert.Equal(superseded, Recover.Apply(Running with { LeaseExpiresAt = null }, TestTask.Now));
    }

    [Fact]
    public void A_lease_holds_until_the_very_moment_it_expires()
    {
        Assert.Equal(TaskOutcomeKind.Superseded, Recover.Apply(Running, TestTask.Lease.AddTicks(-1)).Outcome);
        Assert.Equal(TaskOutcomeKind.Applied, Recover.Apply(Running, TestTask.Lease).Outcome);
    }

    [Fact]
    public void A_worker_that_is_proven_gone_loses_its_task_before_the_lease_ends_but_never_another_claims()
    {
        var gone = Recover with { WorkerIsGone = true, Evidence = "web01:4711 is gone" };

        var transition = gone.Apply(Running, TestTask.Lease.AddMinutes(-1));

        Assert.Equal((TaskOutcomeKind.Applied, QueueTaskStatus.Retry, "web01:4711 is gone"), (transition.Outcome, transition.After!.Status, transition.EventDetails));
        Assert.Equal(TaskOutcomeKind.Superseded, gone.Apply(Running with { ClaimToken = TestTask.OtherToken }, TestTask.Now).Outcome);
        Assert.Equal(TaskOutcomeKind.Superseded, gone.Apply(Running with { LeaseExpiresAt = TestTask.Lease.AddMinutes(1) }, TestTask.Now).Outcome);
    }

    [Fact]
    public void Only_a_worker_that_may_come_back_is_told()
    {
        Assert.True(Recover.TellsWorker);
        Assert.False((Recover with { WorkerIsGone = true }).TellsWorker);
    }
}
