using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>What a worker promises on every store. Real time and real threads: nothing here rests on how long something takes.</summary>
public abstract partial class WorkerContract : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly SemaphoreSlim _begun = new(0);
    private ITaskStore? _store;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TemporaryFolder Folder { get; } = new();

    protected JumpingTime Time { get; } = new();

    protected ITaskStore Store => _store ??= Own(Open("queue"));

    /// <summary>Short enough that a lease can be waited for, long enough that a busy machine renews it in time.</summary>
    protected static WorkerOptions Options { get; } = new()
    {
        Concurrency = 2,
        LeaseTime = TimeSpan.FromSeconds(5),
        GracePeriod = HangGuard.Longest,
        Backoff = new RetryBackoff { First = TimeSpan.FromMilliseconds(20) },
    };

    protected static WorkerOptions UntilEmpty { get; } = Options with { EndsWhenEmpty = true };

    /// <summary>Opens the queue of this name, making it if there is none; by the clock <see cref="Time"/>.</summary>
    protected abstract ITaskStore Open(string name);

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        _begun.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    private protected WorkerRun Start(WorkerOptions options, params (string Type, Func<TaskExecution, HandlerOutcome> Run)[] handlers) =>
        Own(new WorkerRun(Store, options, handlers));

    protected static NewTask NewTask(string id, string type = "work") => new() { Id = id, Type = type };

    protected void Enqueue(params NewTask[] tasks) =>
        Assert.All(Store.Enqueue(tasks, Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));

    protected void Enqueue(params string[] ids) => Enqueue([.. ids.Select(id => NewTask(id))]);

    protected TaskOutcome Change(TaskChange change) => Store.Change([change], Act(change.Kind), Cancel)[0];

    protected static NewOperation Act(string kind) => new() { Kind = kind, Actor = Actor.Current("Test-Command") };

    protected QueueTask Found(string id) => Store.Find(id, Cancel) ?? throw new InvalidOperationException($"There is no task {id}.");

    /// <summary>Waits until the condition holds; fails only when it never does.</summary>
    protected static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)HangGuard.Longest.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(5);
        }
    }

    /// <summary>Waits for a handler to say that it has begun: a claimed task may still be taken back before that.</summary>
    protected void AwaitBegin() => Assert.True(_begun.Wait(HangGuard.Longest, Cancel), "No handler has begun.");

    /// <summary>For handlers: see <see cref="AwaitBegin"/>.</summary>
    protected void Begin() => _begun.Release();

    protected void BecomesEventually(string id, QueueTaskStatus status) =>
        Eventually(() => Found(id).Status == status, $"'{id}' is {status}, but {Found(id).Status}");

    /// <summary>The system's clocks, of which the wall clock can be set.</summary>
    protected sealed class JumpingTime : TimeProvider
    {
        private long _offset;

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offset));

        public void Jump(TimeSpan by) => Interlocked.Add(ref _offset, by.Ticks);
    }
}
