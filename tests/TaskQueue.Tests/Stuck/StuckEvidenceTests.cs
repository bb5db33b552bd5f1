using Xunit;

namespace TaskQueue.Tests;

/// <summary>The evidence, word for word.</summary>
public sealed class StuckEvidenceTests
{
    private static readonly QueueTask Bare = TestTask.In(QueueTaskStatus.Running) with
    {
        HeartbeatAt = null,
        LeaseExpiresAt = null,
        Worker = null,
        Progress = null,
        ProgressMessage = null,
    };

    [Fact]
    public void A_silent_task_says_that_there_is_no_heartbeat_and_how_long_it_runs()
    {
        Expect("no heartbeat data; running 66.8 h", Bare with { StateSince = TestTask.Now.AddHours(-66.8) });
    }

    [Fact]
    public void A_dead_task_says_since_when_its_lease_is_over_and_whose_it_was()
    {
        Expect(
            "lease expired 2.0 h ago, nothing says its worker lives; running 3.0 h; heartbeat 2.0 h ago; worker web01:4711; "
                + "40 % \"encoding\"",
            TestTask.In(QueueTaskStatus.Running));
    }

    [Fact]
    public void A_slow_task_says_that_its_lease_holds()
    {
        Expect(
            "lease holds for 56 s; running 3.0 h; heartbeat 4 s ago; worker web01:4711; 71.5 %",
            Bare with
            {
                LeaseExpiresAt = TestTask.Now.AddSeconds(56),
                HeartbeatAt = TestTask.Now.AddSeconds(-4),
                Worker = "web01:4711",
                Progress = 71.5,
            });
    }

    [Fact]
    public void A_proof_of_death_is_the_first_thing_said()
    {
        Expect(
            "worker web01:4711 is gone: no process with that start; lease holds for 56 s; running 3.0 h; heartbeat 4 s ago",
            Bare with { LeaseExpiresAt = TestTask.Now.AddSeconds(56), HeartbeatAt = TestTask.Now.AddSeconds(-4), Worker = "web01:4711" },
            new Liveness(LivenessState.Gone, "web01:4711 is gone: no process with that start"));
    }

    [Fact]
    public void A_stalled_task_says_that_its_worker_lives_though_its_lease_is_over()
    {
        Expect(
            "lease expired 2.0 h ago; running 3.0 h; worker web01:4711 lives; heartbeat 2.0 h ago; 40 % \"encoding\"",
            TestTask.In(QueueTaskStatus.Running),
            new Liveness(LivenessState.Alive, "web01:4711 lives"));
    }

    [Fact]
    public void An_unknown_age_is_called_unknown()
    {
        Expect("no heartbeat data; running for an unknown time", Bare with { StateSince = null });
    }

    [Fact]
    public void A_start_in_the_future_is_shown_as_such()
    {
        Expect("no heartbeat data; started 30 s in the future: the clocks differ", Bare with { StateSince = TestTask.Now.AddSeconds(30) });
    }

    [Fact]
    public void A_heartbeat_in_the_future_is_shown_as_such()
    {
        Expect(
            "lease holds for 1.0 m; running 3.0 h; heartbeat 5 s in the future: the clocks differ",
            Bare with { LeaseExpiresAt = TestTask.Now.AddMinutes(1), HeartbeatAt = TestTask.Now.AddSeconds(5) });
    }

    [Fact]
    public void What_is_odd_in_the_row_is_part_of_the_evidence()
    {
        Expect("no heartbeat data; running 3.0 h; started_at is unreadable", Bare with { Remark = "started_at is unreadable" });
    }

    private static void Expect(string evidence, QueueTask task, Liveness? worker = null) =>
        Assert.Equal(evidence, StuckJudge.Judge(task, worker ?? Liveness.Unknown, TestTask.Now, StuckPolicy.DefaultMaxAge).Evidence);
}
