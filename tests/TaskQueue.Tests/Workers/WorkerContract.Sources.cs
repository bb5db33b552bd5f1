using Xunit;

namespace TaskQueue.Tests.Workers;

public abstract partial class WorkerContract
{
    [Fact]
    public void A_worker_runs_on_a_source_of_work_that_is_no_store()
    {
        Enqueue(NewTask("good"), NewTask("bad") with { MaxRetries = 0 }, NewTask("other", "any"), NewTask("stopped", "long"));
        var source = new ForwardingSource(Store);
        var worker = Own(new WorkerRun(
            source,
            Options,
            ("work", execution =>
            {
                execution.Report(50, "half");
                return execution.Task.Id == "bad" ? HandlerOutcome.Failure("broken") : HandlerOutcome.Success("[1]");
            }),
            ("long", UntilCancelled),
            (HandledTypes.AllOthers, WorkerRun.Succeed)));
        AwaitBegin();

        Assert.Equal(StopOutcome.Ended, Confirmed(Change(new ForceCancelTask("stopped"))).Outcome);
        Assert.Equal(
            ["bad failed", "good success", "other success", "stopped failed"],
            Enumerable.Range(0, 4)
                .Select(_ => worker.NextFinished())
                .Select(task => $"{task.Id} {task.StatusText}")
                .Order(StringComparer.Ordinal));
        worker.Drain();
        worker.Await();

        Assert.Empty(worker.Warnings);
        Assert.Empty(Store.Workers.Read(Cancel));
        Assert.Superset(
            new HashSet<string>(
                [
                    "Now", "Maintained", "Find", "Claim", "ClaimableTypes", "NextDue", "Change", "Watch", "Put", "Remove", "Signals",
                    "TakeStops", "ConfirmStops",
                ]),
            source.Calls.Keys.ToHashSet());
    }

    [Fact]
    public void A_worker_whose_queue_others_maintain_ends_when_the_queue_is_empty()
    {
        Enqueue("a");
        var worker = Own(new WorkerRun(new ForwardingSource(Store), UntilEmpty, ("work", WorkerRun.Succeed)));

        worker.Await();

        Assert.Equal(QueueTaskStatus.Success, Found("a").Status);
    }

    [Fact]
    public void A_session_receives_from_a_source_of_work_that_is_no_store()
    {
        Enqueue("a");
        using (var session = NewSession(new ForwardingSource(Store)))
        {
            Assert.Equal("a", Assert.Single(session.Receive(["work"], 1, Options.LeaseTime, waits: true, Cancel)!).Id);
            var lease = Found("a").LeaseExpiresAt;
            Eventually(() => Found("a").LeaseExpiresAt > lease, "the lease is renewed");
        }

        Assert.Equal(QueueTaskStatus.Pending, Found("a").Status);
    }

    [Fact]
    public void A_stop_that_is_undone_before_it_was_delivered_leaves_its_session_the_claim()
    {
        Enqueue("a");
        using var withheld = new WithheldStops(Store);
        using var session = NewSession(withheld);
        var token = Assert.Single(session.Receive(["work"], 1, Options.LeaseTime, waits: false, Cancel)!).ClaimToken!.Value;
        var operation = Act("force cancel");
        Store.Change([new ForceCancelTask("a")], operation, Cancel);
        Eventually(() => withheld.RefusedHeartbeats > 0, "a heartbeat meets the ended claim");

        Store.History.Undo(operation.Id, Act("undo"), id => new WorkerDirectory(Store).Lives(id, Cancel), requeue: false, Cancel);
        withheld.Deliver();
        var heartbeat = Found("a").HeartbeatAt;
        Eventually(() => Found("a").HeartbeatAt > heartbeat, "the lease is renewed again");

        Assert.True(session.Holds(token));
        Assert.Equal(TaskOutcomeKind.Applied, Store.Change([new CompleteTask("a", token)], Act("work"), Cancel)[0].Kind);
    }

    private static ClaimSession NewSession(IWorkSource source) =>
        new(source, "queue", new NewOperation { Kind = NewOperation.Work, Actor = Actor.Current("Test-Session") }, TimeProvider.System);
}
