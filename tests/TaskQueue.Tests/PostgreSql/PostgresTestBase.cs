using System.Collections.Concurrent;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Tests that do things to a server which it must share with nobody; each has queues of its own on it.</summary>
public abstract class PostgresTestBase : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private protected PostgresTestBase(PostgresClusterOptions? options = null)
    {
        Cluster = Own(PostgresCluster.Start(options));
        Queue = Cluster.NewQueue();
    }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected PostgresCluster Cluster { get; }

    protected PostgresLocation Queue { get; }

    protected static StoreOptions Writing { get; } = new() { Create = true, ForWriting = true };

    protected static StoreOptions Reading { get; } = new();

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        GC.SuppressFinalize(this);
    }

    protected T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    protected ITaskStore Open(StoreOptions? options = null, PostgresLocation? location = null) =>
        Own(TaskStores.Open((location ?? Queue).ToString(), options ?? Writing));

    private protected WorkerRun Start(
        ITaskStore store, WorkerOptions options, params (string Type, Func<TaskExecution, HandlerOutcome> Run)[] handlers) =>
        Own(new WorkerRun(store, options, handlers));

    protected static NewTask NewTask(string id, string type = "work") => new() { Id = id, Type = type };

    protected static void Enqueue(ITaskStore store, params string[] ids) =>
        Assert.All(
            store.Enqueue([.. ids.Select(id => NewTask(id))], Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));

    protected static TaskOutcome Change(ITaskStore store, TaskChange change) => store.Change([change], Act(change.Kind), Cancel)[0];

    protected static NewOperation Act(string kind) => new() { Kind = kind, Actor = Actor.Current("Test-Command") };

    protected static ClaimRequest Request(int count = 1, string type = "work") => new()
    {
        Types = [type],
        Tokens = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())],
        Worker = "tester:1",
        LeaseTime = TimeSpan.FromMinutes(1),
    };

    /// <summary>Begins work on threads of its own; disposing waits for their end, and throws what they threw.</summary>
    private protected static Threads OnThreads(int count, Action<int> work) => new(count, work);

    protected static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)HangGuard.Longest.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(20);
        }
    }

    private protected sealed class Threads : IDisposable
    {
        private readonly List<Thread> _threads;
        private readonly ConcurrentQueue<Exception> _errors = [];

        public Threads(int count, Action<int> work)
        {
            _threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() => Run(work, number)))];
            _threads.ForEach(thread => thread.Start());
        }

        public void Dispose()
        {
            _threads.ForEach(thread => thread.Join());
            Assert.Empty(_errors);
        }

        private void Run(Action<int> work, int number)
        {
            try
            {
                work(number);
            }
            catch (Exception error)
            {
                _errors.Enqueue(error);
            }
        }
    }
}
