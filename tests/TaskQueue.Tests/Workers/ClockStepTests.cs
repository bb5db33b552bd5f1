using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Processes whose wall clock is really set while they run.</summary>
public sealed class ClockStepTests : IDisposable
{
    // Ten hours: no renewal comes by itself while a test runs.
    private const string LeaseMilliseconds = "36000000";

    private static readonly TimeSpan Ahead = TimeSpan.FromHours(20);

    private readonly TemporaryFolder _folder = new();
    private readonly SteppedClock _clock;
    private readonly ITaskStore _store;
    private readonly List<ChildProcess> _children = [];

    public ClockStepTests()
    {
        _clock = new SteppedClock(_folder["clock.so"], _folder["clock"]);
        _store = TaskStores.Open(_folder["queue.db"], new StoreOptions { Create = true, ForWriting = true });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _children.ForEach(child => child.Dispose());
        _store?.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_worker_renews_at_once_when_its_clock_is_set()
    {
        BeginTask();

        _clock.Set(Ahead);

        Eventually(() => Lease() > _store.Now + Ahead, "the lease holds by the clock as it is now");
        _clock.Set(TimeSpan.Zero);
        Eventually(() => Lease() < _store.Now + Ahead, "the lease holds by the clock as it is now");
    }

    [Fact]
    public void After_a_suspension_a_cleanup_waits_for_the_worker_to_renew()
    {
        var worker = BeginTask();
        worker.Signal("STOP");
        _clock.Set(Ahead);
        var cleanup = Child("look-twice", _folder["queue.db"]);
        Assert.Equal("suspected 1", cleanup.ReadLine());

        worker.Signal("CONT");

        Assert.Equal("convicted 0", cleanup.ReadLine());
    }

    private ChildProcess BeginTask()
    {
        _store.Enqueue([new NewTask { Id = "a", Type = "wait" }], Cancel);
        var worker = Child("work", _folder["queue.db"], _folder["journal"], LeaseMilliseconds);
        Eventually(() => WorkerJournal.Read(_folder["journal"]).Any(line => line.Verb == "ran"), "the task has begun");
        return worker;
    }

    private ChildProcess Child(params string[] arguments)
    {
        var child = ChildProcess.StartIn(_clock.Apply, arguments);
        _children.Add(child);
        return child;
    }

    private DateTimeOffset? Lease() => _store.Find("a", Cancel)!.LeaseExpiresAt;

    private static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)HangGuard.Longest.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(20);
        }
    }
}
