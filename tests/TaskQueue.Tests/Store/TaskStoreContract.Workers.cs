using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void A_worker_is_known_with_all_it_says_of_itself_and_the_queues_own_times()
    {
        var worker = WorkerOf(Guid.NewGuid()) with
        {
            Kind = WorkerKind.Session, StartedAt = Time.Now.AddYears(-1), HeartbeatAt = Time.Now.AddYears(1),
        };

        Store.Workers.Put(worker, Cancel);

        var known = Assert.Single(Store.Workers.Read(Cancel));
        Assert.Equal(worker.Types, known.Types);
        Assert.Equal(
            worker with { StartedAt = Time.Now, HeartbeatAt = Time.Now, Types = known.Types, ProgressTimeouts = known.ProgressTimeouts },
            known);
    }

    [Fact]
    public void What_was_seen_of_a_lease_is_kept_for_the_next_watcher()
    {
        var seen = SightingOf(Guid.NewGuid());

        Store.Workers.PutSightings([seen, SightingOf(Guid.NewGuid()) with { Boot = null, Watched = TimeSpan.Zero }], Cancel);

        Assert.Equal(2, Store.Workers.ReadSightings(Cancel).Count);
        Assert.Equal(seen, Store.Workers.ReadSightings(Cancel).Single(sighting => sighting.Token == seen.Token));
    }

    [Fact]
    public void Of_the_same_lease_the_longer_watch_stays_and_another_lease_is_watched_anew()
    {
        var seen = SightingOf(Guid.NewGuid());
        Store.Workers.PutSightings([seen], Cancel);

        Store.Workers.PutSightings([seen with { Watched = seen.Watched / 2 }], Cancel);
        Assert.Equal(seen, Assert.Single(Store.Workers.ReadSightings(Cancel)));
        var longer = seen with
        {
            Watched = seen.Watched * 2, SeenAt = seen.SeenAt.AddSeconds(7), Uptime = seen.Uptime * 2, Boot = "another",
        };
        Store.Workers.PutSightings([longer], Cancel);
        Assert.Equal(longer, Assert.Single(Store.Workers.ReadSightings(Cancel)));
        var renewed = seen with { LeaseExpiresAt = seen.LeaseExpiresAt.AddSeconds(1), Watched = TimeSpan.Zero };
        Store.Workers.PutSightings([renewed], Cancel);
        Assert.Equal(renewed, Assert.Single(Store.Workers.ReadSightings(Cancel)));
    }

    [Fact]
    public void What_was_seen_of_a_claim_that_has_ended_is_taken_out()
    {
        Enqueue("a", "b");
        var claims = Claim(2).Select(task => task.ClaimToken!.Value).ToList();
        Store.Workers.PutSightings([.. claims.Select(SightingOf)], Cancel);
        Change(new CompleteTask("a", claims[0]));

        Store.Workers.Prune(Time.Now, Cancel);

        Assert.Equal(claims[1], Assert.Single(Store.Workers.ReadSightings(Cancel)).Token);
    }

    private LeaseSighting SightingOf(Guid token) => new()
    {
        Token = token,
        LeaseExpiresAt = Time.Now.AddMinutes(-1),
        Watched = TimeSpan.FromSeconds(12.5),
        SeenAt = Time.Now,
        Boot = "8f1c",
        Uptime = TimeSpan.FromDays(2),
    };

    [Fact]
    public void Facts_that_cannot_be_read_stay_unknown()
    {
        var identity = WorkerOf(Guid.NewGuid()).Identity with { Boot = null, Namespace = null, ProcessStart = null };

        Store.Workers.Put(WorkerOf(identity.Id) with { Identity = identity }, Cancel);

        Assert.Equal(identity, Assert.Single(Store.Workers.Read(Cancel)).Identity);
    }

    [Fact]
    public void Each_put_is_a_proof_of_life_that_leaves_the_start_and_what_was_asked_of_the_worker()
    {
        var worker = WorkerOf(Guid.NewGuid());
        var started = Time.Now;
        Store.Workers.Put(worker, Cancel);
        Store.Workers.RequestStop(worker.Identity.Id, WorkerStopMode.Drain, Act("stop worker"), Cancel);
        Time.Advance(TimeSpan.FromSeconds(20));

        Store.Workers.Put(worker with { IsDraining = true, Concurrency = 2, Types = ["b"], LeaseTime = TimeSpan.FromSeconds(5) }, Cancel);

        var known = Assert.Single(Store.Workers.Read(Cancel));
        Assert.Equal((started, Time.Now), (known.StartedAt, known.HeartbeatAt));
        Assert.Equal(
            (true, 2, TimeSpan.FromSeconds(5), WorkerStopMode.Drain),
            (known.IsDraining, known.Concurrency, known.LeaseTime, known.StopRequested));
        Assert.Equal(["b"], known.Types);
    }

    [Fact]
    public void Workers_are_told_apart_by_their_start_and_listed_by_it()
    {
        var (first, second) = (WorkerOf(Guid.NewGuid()), WorkerOf(Guid.NewGuid()));
        Store.Workers.Put(first, Cancel);
        Time.Advance(TimeSpan.FromSeconds(1));
        Store.Workers.Put(second, Cancel);

        Assert.Equal([first.Identity, second.Identity], Store.Workers.Read(Cancel).Select(worker => worker.Identity));
        Store.Workers.Remove(first.Identity.Id, Cancel);
        Store.Workers.Remove(first.Identity.Id, Cancel);
        Assert.Equal([second.Identity], Store.Workers.Read(Cancel).Select(worker => worker.Identity));
    }

    [Fact]
    public void A_request_to_stop_reaches_the_worker_and_never_weakens_an_earlier_one()
    {
        var id = Registered();

        Assert.Equal(new WorkerSignals(WorkerStopMode.None, HasStops: false, IsKnown: true), Store.Workers.Signals(id, Cancel));
        Assert.True(Store.Workers.RequestStop(id, WorkerStopMode.Drain, Act("stop worker"), Cancel));
        Assert.Equal(WorkerStopMode.Drain, Store.Workers.Signals(id, Cancel).Stop);
        Assert.True(Store.Workers.RequestStop(id, WorkerStopMode.Force, Act("stop worker"), Cancel));
        Assert.True(Store.Workers.RequestStop(id, WorkerStopMode.Drain, Act("stop worker"), Cancel));
        Assert.True(Store.Workers.RequestStop(id, WorkerStopMode.None, Act("stop worker"), Cancel));
        Assert.Equal(WorkerStopMode.Force, Store.Workers.Signals(id, Cancel).Stop);
        Assert.Equal(2, Count("operation WHERE kind = 'stop worker'"));
    }

    [Fact]
    public void A_worker_that_the_queue_does_not_know_learns_that_and_cannot_be_asked_anything()
    {
        var id = Guid.NewGuid();

        Assert.False(Store.Workers.RequestStop(id, WorkerStopMode.Force, Act("stop worker"), Cancel));
        Assert.Equal(new WorkerSignals(WorkerStopMode.None, HasStops: false, IsKnown: false), Store.Workers.Signals(id, Cancel));
        Assert.Equal(0, Count("operation"));
    }

    [Fact]
    public void Workers_without_a_sign_of_life_are_pruned_unless_they_hold_a_task()
    {
        var (silent, holding, finished, living) = (Registered(), Registered(), Registered(), Registered());
        Enqueue("held", "done");
        ClaimAs(holding);
        var done = ClaimAs(finished);
        Change(new CompleteTask(done.Id, done.ClaimToken!.Value));
        Time.Advance(TimeSpan.FromHours(1));
        Store.Workers.Put(WorkerOf(living), Cancel);

        Assert.Equal(2, Store.Workers.Prune(Time.Now.AddMinutes(-1), Cancel));

        var left = Store.Workers.Read(Cancel).Select(worker => worker.Identity.Id).ToList();
        Assert.Equal(new[] { holding, living }.Order(), left.Order());
        Assert.False(Store.Workers.Signals(silent, Cancel).IsKnown);
    }

    [Fact]
    public void A_claim_says_which_start_of_the_worker_holds_the_task()
    {
        var id = Guid.NewGuid();
        Enqueue("a", "b");

        var claimed = ClaimAs(id);
        var bare = ClaimOne();

        Assert.Equal((id, id), (claimed.WorkerId, Found("a").WorkerId));
        Assert.Equal((null, null), (bare.WorkerId, Found("b").WorkerId));
        Change(new CompleteTask("a", claimed.ClaimToken!.Value));
        Assert.Equal(id, Found("a").WorkerId);
    }

    [Fact]
    public void A_claim_whose_answer_was_lost_is_found_again_by_its_tokens()
    {
        Enqueue("a", "b", "c", "d");
        var request = Request(2);
        var claimed = Store.Claim(request, Cancel);
        ClaimOne();
        Change(new CompleteTask("b", claimed[1].ClaimToken!.Value));

        // One of them is finished: its token no longer holds anything.
        Assert.Equal(claimed[0], Assert.Single(Store.FindClaimed([.. request.Tokens, Guid.NewGuid()], Cancel)), SameTask);
        Assert.Empty(Store.FindClaimed([], Cancel));
    }

    [Fact]
    public void The_next_due_time_is_that_of_the_earliest_task_that_waits_for_its_time()
    {
        Assert.Null(Store.NextDue(Cancel));
        Store.Enqueue([NewTask("now"), NewTask("late", "other") with { Delay = TimeSpan.FromHours(2) }], Cancel);
        Assert.Equal(Time.Now.AddHours(2), Store.NextDue(Cancel));
        Store.Enqueue([NewTask("soon") with { Delay = TimeSpan.FromHours(1) }], Cancel);
        Assert.Equal(Time.Now.AddHours(1), Store.NextDue(Cancel));

        Change(new CancelTask("soon"));

        Assert.Equal(Time.Now.AddHours(2), Store.NextDue(Cancel));
    }

    protected static WorkerRecord WorkerOf(Guid id) => new()
    {
        Identity = new WorkerIdentity
        {
            Id = id,
            Machine = "web01",
            Boot = "b00t",
            Namespace = "pid:[4026531836]",
            ProcessId = 4711,
            ProcessStart = 1_234_567_890_123,
            User = "ops",
        },
        LeaseTime = TimeSpan.FromMinutes(1),
        Concurrency = 4,
        Types = ["work", "Größe \"1\""],
    };

    private Guid Registered()
    {
        var id = Guid.NewGuid();
        Store.Workers.Put(WorkerOf(id), Cancel);
        return id;
    }

    private QueueTask ClaimAs(Guid worker) => Assert.Single(Store.Claim(Request(1) with { WorkerId = worker }, Cancel));
}
