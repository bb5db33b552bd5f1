using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>
/// What keeps a session's leases when the store throws what is none of our errors, and when the clock is set. An exception on one of its
/// threads would end the process, this one with all its tests.
/// </summary>
public sealed class SessionFaultTests : IDisposable
{
    // No renewal comes by itself while a test runs.
    private static readonly TimeSpan LeaseTime = TimeSpan.FromHours(10);

    private static readonly TimeSpan Ahead = TimeSpan.FromHours(20);

    // Only reached when something hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private readonly SetTime _time = new();
    private readonly ITaskStore _store;
    private readonly ForeignFaults _faults;
    private readonly ClaimSession _session;

    public SessionFaultTests()
    {
        _store = TaskStores.Open(_folder["queue.db"], new StoreOptions { Create = true, ForWriting = true, Time = _time });
        _faults = new ForeignFaults(_store);
        _session = new ClaimSession(
            _faults.Store, "queue.db", new NewOperation { Kind = NewOperation.Work, Actor = Actor.Current("Test-Session") }, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _faults.Mend();
        _session.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_session_renews_at_once_when_its_clock_is_set()
    {
        Receive("a");

        _time.Offset = Ahead;
        Eventually(() => Lease("a") > _store.Now, "the lease holds by the clock as it is now");

        _time.Offset = TimeSpan.Zero;
        Eventually(() => Lease("a") < _store.Now + Ahead, "the lease holds by the clock as it is now");
        Assert.Empty(_session.TakeWarnings());
    }

    [Theory]
    [InlineData("IWorkerRegistry.Put", false)]
    [InlineData("IWorkerRegistry.Put", true)]
    [InlineData("IWorkerRegistry.Signals", false)]
    [InlineData("IWorkerRegistry.Signals", true)]
    [InlineData("IWorkerRegistry.TakeStops", false)]
    [InlineData("IWorkerRegistry.TakeStops", true)]
    [InlineData("IWorkerRegistry.ConfirmStops", false)]
    [InlineData("IWorkerRegistry.ConfirmStops", true)]
    [InlineData("ITaskStore.Change", false)]
    [InlineData("ITaskStore.Change", true)]
    [InlineData("ITaskStore.get_Workers", false)]
    public void Whatever_a_call_of_the_store_throws_leases_are_renewed_and_stops_taken_afterwards(string member, bool isAfterwards)
    {
        Receive("a");
        var token = Receive("b").ClaimToken!.Value;

        _faults.Break(member, isAfterwards);
        _time.Offset = Ahead;
        _store.Change([new ForceCancelTask("b")], new NewOperation { Kind = "test", Actor = Actor.Current("Test-Command") }, Cancel);
        // A lost answer is met once where the call is not made again: what it did stands.
        Eventually(() => _faults.Thrown > (isAfterwards ? 0 : 1), $"{member} throws");
        _faults.Mend();

        Eventually(() => Lease("a") > _store.Now, "the lease holds by the clock as it is now");
        Eventually(() => _session.Find("b") is null, "the stopped task is let go");
        Eventually(() => _store.Workers.FindStops([token], Cancel)[0].ConfirmedAt is not null, "the stop is confirmed");
        Eventually(
            () => _session.TakeWarnings().Any(warning => warning.Contains($"{member} is broken", StringComparison.Ordinal)),
            "the session warns of it");
    }

    [Fact]
    public void A_watch_that_cannot_be_had_at_first_is_asked_for_again()
    {
        _faults.Break("ITaskStore.Watch", isAfterwards: false);
        Receive("a");
        Eventually(() => _faults.Thrown > 1, "a watch is asked for again");
        _faults.Mend();

        _time.Offset = Ahead;

        Eventually(() => Lease("a") > _store.Now, "the lease holds by the clock as it is now");
    }

    [Fact]
    public void A_task_whose_claim_was_carried_out_without_an_answer_is_received_by_the_next_call()
    {
        _store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        _faults.Break("ITaskStore.Claim", isAfterwards: true);
        Assert.Throws<InvalidOperationException>(() => _session.Receive(["work"], 1, LeaseTime, waits: false, Cancel));
        Assert.Equal(QueueTaskStatus.Running, _store.Find("a", Cancel)!.Status);
        _faults.Mend();

        Assert.Equal("a", Assert.Single(_session.Receive(["work"], 1, LeaseTime, waits: false, Cancel)!).Id);
    }

    [Fact]
    public void A_task_whose_claim_was_carried_out_without_an_answer_goes_back_when_the_session_ends()
    {
        _store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        _faults.Break("ITaskStore.Claim", isAfterwards: true);
        Assert.Throws<InvalidOperationException>(() => _session.Receive(["work"], 1, LeaseTime, waits: false, Cancel));
        _faults.Mend();

        _session.Dispose();

        using var store = TaskStores.Open(_folder["queue.db"], new StoreOptions());
        Assert.Equal(QueueTaskStatus.Pending, store.Find("a", Cancel)!.Status);
        Assert.Empty(store.Workers.Read(Cancel));
    }

    private QueueTask Receive(string id)
    {
        _store.Enqueue([new NewTask { Id = id, Type = "work" }], Cancel);
        return Assert.Single(_session.Receive(["work"], 1, LeaseTime, waits: false, Cancel)!);
    }

    private DateTimeOffset? Lease(string id) => _store.Find(id, Cancel)!.LeaseExpiresAt;

    private static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(5);
        }
    }

    /// <summary>The system's clocks, of which the wall clock can be set.</summary>
    private sealed class SetTime : TimeProvider
    {
        private long _offset;

        public TimeSpan Offset { set => Volatile.Write(ref _offset, value.Ticks); }

        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + new TimeSpan(Volatile.Read(ref _offset));
    }
}
