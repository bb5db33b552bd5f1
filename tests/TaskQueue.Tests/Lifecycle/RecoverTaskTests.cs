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
        var after = (Recover with { Budget = budget }).Apply(
            Running with { RecoveryHistory = Times(recoveries, TestTask.Now) }, TestTask.Now).After!;

        Assert.Equal(expected, after.Status);
        Assert.Null(after.ClaimToken);
    }

    [Fact]
    public void The_budget_counts_the_recoveries_of_the_last_72_hours()
    {
        var old = Times(3, TestTask.Now.AddHours(-72));

        Assert.Equal(
            QueueTaskStatus.Retry, Recover.Apply(Running with { Recoveries = 3, RecoveryHistory = old }, TestTask.Now).After!.Status);
        Assert.Equal(
            QueueTaskStatus.Failed,
            Recover.Apply(Running with { Recoveries = 3, RecoveryHistory = old }, TestTask.Now.AddMilliseconds(-1)).After!.Status);
    }

    [Fact]
    public void What_was_not_known_to_have_begun_is_given_back_at_no_charge()
    {
        var transition = (Recover with { Budget = 0, Evidence = "web01:4711 is gone" }).Apply(
            Running with { BegunAt = null }, TestTask.Now);

        var after = transition.After!;
        Assert.Equal((QueueTaskStatus.Pending, Running.Recoveries, TestTask.Now), (after.Status, after.Recoveries, after.DueAt));
        Assert.Equal(Running.RecoveryHistory.StartedWithin(TestTask.Now), after.RecoveryHistory.StartedWithin(TestTask.Now));
        Assert.Null(after.ClaimToken);
        Assert.Equal(
            ("recovery", "web01:4711 is gone; at no charge: it was not known to have begun"),
            (transition.EventKind, transition.EventDetails));
    }

    [Fact]
    public void What_is_given_back_again_and_again_without_having_begun_is_suspected_in_the_end()
    {
        var task = Running with { BegunAt = null, RecoveryHistory = default };
        for (var time = 0; time < 3; time++)
        {
            Assert.False(task.RecoveryHistory.IsSuspect(TestTask.Now));
            task = Running with { BegunAt = null, RecoveryHistory = Recover.Apply(task, TestTask.Now).After!.RecoveryHistory };
        }

        Assert.True(task.RecoveryHistory.IsSuspect(TestTask.Now));
        Assert.False(task.RecoveryHistory.IsSuspect(TestTask.Now.AddHours(72)));
    }

    [Fact]
    public void What_never_comes_to_begin_is_charged_in_the_end()
    {
        var task = Running with { BegunAt = null, RecoveryHistory = default };
        var deaths = 0;
        while (task.Status is not QueueTaskStatus.Failed)
        {
            Assert.True(++deaths < 100, "It would go on for ever.");
            var after = Recover.Apply(task, TestTask.Now).After!;
            task = after.Status is QueueTaskStatus.Failed
                ? after
                : Running with { BegunAt = null, RecoveryHistory = after.RecoveryHistory };
        }

        Assert.Equal(24, deaths);
    }

    [Fact]
    public void A_worker_that_had_said_that_it_ends_is_not_held_against_its_tasks()
    {
        var after = (Recover with { Budget = 0, WorkerDrained = true }).Apply(Running, TestTask.Now).After!;

        Assert.Equal((QueueTaskStatus.Pending, Running.Recoveries), (after.Status, after.Recoveries));
        Assert.Equal(Running.RecoveryHistory.StartedWithin(TestTask.Now), after.RecoveryHistory.StartedWithin(TestTask.Now));
    }

    [Fact]
    public void Many_deploys_make_no_suspect_but_a_task_that_ends_all_its_workers_fails_in_the_end()
    {
        var drained = Recover with { WorkerDrained = true };
        var task = Running with { RecoveryHistory = default };
        for (var deploy = 0; deploy < 20; deploy++)
        {
            var after = drained.Apply(task, TestTask.Now).After!;
            Assert.Equal((QueueTaskStatus.Pending, false), (after.Status, after.RecoveryHistory.IsSuspect(TestTask.Now)));
            task = Running with { RecoveryHistory = after.RecoveryHistory };
        }

        Assert.Equal(QueueTaskStatus.Retry, drained.Apply(task, TestTask.Now).After!.Status);
        Assert.Equal(QueueTaskStatus.Pending, drained.Apply(task, TestTask.Now.AddHours(72)).After!.Status);
    }

    [Fact]
    public void From_its_second_recovery_on_a_task_is_suspected()
    {
        var once = Recover.Apply(Running with { RecoveryHistory = default }, TestTask.Now).After!.RecoveryHistory;
        var twice = Recover.Apply(Running with { RecoveryHistory = once }, TestTask.Now).After!.RecoveryHistory;

        Assert.Equal((false, true), (once.IsSuspect(TestTask.Now), twice.IsSuspect(TestTask.Now)));
    }

    [Fact]
    public void A_lease_that_was_watched_to_its_end_counts_as_expired_whatever_the_clock_says()
    {
        var early = TestTask.Lease.AddDays(-1);

        Assert.Equal(TaskOutcomeKind.Superseded, Recover.Apply(Running, early).Outcome);
        Assert.Equal(TaskOutcomeKind.Applied, (Recover with { LeaseWasWatched = true }).Apply(Running, early).Outcome);
    }

    private static RecoveryHistory Times(int count, DateTimeOffset at) =>
        Enumerable.Range(0, count).Aggregate(new RecoveryHistory(), (history, _) => history.With(at, hadBegun: true));

    [Fact]
    public void A_task_beyond_the_budget_fails_and_says_why()
    {
        var after = (Recover with { Budget = 1 }).Apply(Running, TestTask.Now).After!;

        Assert.Equal("Recovered 1 times within 72h from workers that stopped answering; the budget is 1", after.ErrorMessage);
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

        Assert.Equal(
            (TaskOutcomeKind.Applied, QueueTaskStatus.Retry, "web01:4711 is gone"),
            (transition.Outcome, transition.After!.Status, transition.EventDetails));
        Assert.Equal(TaskOutcomeKind.Superseded, gone.Apply(Running with { ClaimToken = TestTask.OtherToken }, TestTask.Now).Outcome);
        Assert.Equal(
            TaskOutcomeKind.Superseded, gone.Apply(Running with { LeaseExpiresAt = TestTask.Lease.AddMinutes(1) }, TestTask.Now).Outcome);
    }

    [Fact]
    public void Only_a_worker_that_may_come_back_is_told()
    {
        Assert.Equal(TestTask.Token, Recover.Apply(Running, TestTask.Now).EndedClaim);
        Assert.Null((Recover with { WorkerIsGone = true }).Apply(Running, TestTask.Now).EndedClaim);
    }
}
