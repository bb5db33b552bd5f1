using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>
/// What a worker does when the store throws what is none of our errors. On a thread of the worker it would end the process, this one with
/// all its tests.
/// </summary>
public sealed class ForeignFaultTests : IDisposable
{
    private static readonly WorkerOptions Options = new()
    {
        Concurrency = 3,
        LeaseTime = TimeSpan.FromSeconds(3),
        GracePeriod = TimeSpan.FromSeconds(20),
    };

    // Each is called once a second by a duty that has nothing else to do.
    private static readonly string[] Looks = ["IWorkerRegistry.Signals", "ITaskStore.Read", "IWorkerRegistry.Put", "ITaskStore.NextDue"];

    // Only reached when something hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Dictionary<string, ITaskHandler> Handlers = new() { ["work"] = new Succeeding() };

    private readonly TemporaryFolder _folder = new();
    private readonly ITaskStore _store;

    public ForeignFaultTests() => _store = TaskStores.Open(_folder["queue.db"], new StoreOptions { Create = true, ForWriting = true });

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_a_call_of_the_store_throws_on_whatever_duty_the_worker_goes_on(bool isAfterwards)
    {
        var faults = new ForeignFaults(_store);
        using var begun = new SemaphoreSlim(0);
        using var worker = new WorkerRun(faults.Store, Options, ("work", WorkerRun.Succeed), ("long", execution =>
        {
            var cancellation = execution.Cancellation;
            begun.Release();
            cancellation.WaitHandle.WaitOne();
            return HandlerOutcome.Success();
        }));
        List<string> tested = [];

        // What is called in the place of what is broken is broken in its turn.
        for (var member = "nothing"; member is not null; member = faults.Called
            .Except(tested)
            .Order(StringComparer.Ordinal)
            .FirstOrDefault())
        {
            var (work, stopped) = ($"work {tested.Count}", $"long {tested.Count}");
            Enqueue(stopped, "long");
            Assert.True(begun.Wait(Patience, Cancel), $"Nothing is claimed any more. {string.Join("; ", worker.Warnings)}");
            var token = _store.Find(stopped, Cancel)!.ClaimToken!.Value;
            var looks = Looks.Select(faults.Calls).ToList();
            faults.Break(member, isAfterwards);
            Enqueue(work, "work");
            _store.Change(
                [new ForceCancelTask(stopped)], new NewOperation { Kind = "test", Actor = Actor.Current("Test-Command") }, Cancel);

            // Two of them are a duty that went on after the first. What is not called at all is passed over once all duties were done.
            Eventually(
                () => faults.Thrown > 1 || Looks.Zip(looks, (look, before) => faults.Calls(look) > before + 1).All(wasCalled => wasCalled),
                $"{member} is called");
            faults.Mend();

            Eventually(() => _store.Find(work, Cancel)!.Status is QueueTaskStatus.Success, $"'{work}' succeeds after {member} threw");
            Eventually(
                () => _store.Workers.FindStops([token], Cancel)[0].ConfirmedAt is not null,
                $"the stop of '{stopped}' is confirmed after {member} threw");
            Assert.False(worker.HasEnded);
            tested.Add(member);
        }

        Assert.Superset(
            new HashSet<string>(
            [
                "ITaskStore.Claim", "ITaskStore.Change", "ITaskStore.FindClaimed", "ITaskStore.NextDue", "ITaskStore.Read",
                "ITaskStore.Watch", "ITaskStore.get_Now", "ITaskStore.get_Workers",
                "IWorkerRegistry.Put", "IWorkerRegistry.Read", "IWorkerRegistry.Prune", "IWorkerRegistry.Signals",
                "IWorkerRegistry.TakeStops", "IWorkerRegistry.ConfirmStops",
            ]),
            tested.ToHashSet());
        Assert.All(
            _store.Read(new TaskQuery { Types = ["work"] }, Cancel),
            task => Assert.Equal((QueueTaskStatus.Success, 1), (task.Status, task.Attempt)));
        const string Warning = "No tasks can be claimed: System.InvalidOperationException: ITaskStore.Claim is broken";
        Assert.Contains(worker.Warnings, warning => warning.StartsWith(Warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_watch_that_cannot_be_had_at_first_is_asked_for_again()
    {
        var faults = new ForeignFaults(_store);
        faults.Break("ITaskStore.Watch", isAfterwards: false);
        using var worker = new WorkerRun(faults.Store, Options, ("work", WorkerRun.Succeed));
        Eventually(() => faults.Thrown > 1, "a watch is asked for again");
        Enqueue("a", "work");
        Assert.Equal("a", worker.NextFinished().Id);

        faults.Mend();

        var asked = faults.Calls("ITaskStore.Watch");
        Eventually(() => faults.Calls("ITaskStore.Watch") > asked, "it is asked for once more");
        Assert.Contains(worker.Warnings, warning => warning.Contains("each second", StringComparison.Ordinal));
    }

    [Fact]
    public void A_listener_that_throws_ends_neither_the_worker_nor_its_tasks()
    {
        using var worker = new QueueWorker(_store, Handlers, Options with { EndsWhenEmpty = true }, Actor.Current("Test-Worker"))
        {
            Finished = _ => throw new InvalidOperationException("The listener is broken."),
            Warned = _ => throw new InvalidOperationException("The listener is broken."),
            MayClaim = () => throw new InvalidOperationException("The listener is broken."),
        };
        Enqueue("a", "work");

        worker.Run();

        Assert.Equal(QueueTaskStatus.Success, _store.Find("a", Cancel)!.Status);
    }

    [Fact]
    public void A_handler_whose_exception_cannot_even_be_read_fails_its_task_alone()
    {
        using var worker = new WorkerRun(
            _store, Options, ("work", execution => execution.Task.Id == "a" ? throw new Unreadable() : HandlerOutcome.Success()));
        _store.Enqueue([new NewTask { Id = "a", Type = "work", MaxRetries = 0 }], Cancel);
        Assert.Equal(typeof(Unreadable).FullName, worker.NextFinished().ErrorMessage);

        Enqueue("b", "work");
        Assert.Equal("b", worker.NextFinished().Id);
    }

    [Fact]
    public void A_worker_that_cannot_begin_says_why()
    {
        var faults = new ForeignFaults(_store);
        faults.Break("IWorkerRegistry.Put", isAfterwards: false);
        using var worker = new QueueWorker(faults.Store, Handlers, Options, Actor.Current("Test-Worker"));

        Assert.Equal("IWorkerRegistry.Put is broken.", Assert.Throws<InvalidOperationException>(worker.Run).Message);
    }

    [Fact]
    public void A_drain_that_comes_too_late_is_nobodys_error()
    {
        var worker = new QueueWorker(_store, Handlers, Options, Actor.Current("Test-Worker"));
        worker.Dispose();

        // As by a signal of the system, whose thread nobody watches.
        worker.Drain();
        worker.StopNow();
    }

    private void Enqueue(string id, string type) => _store.Enqueue([new NewTask { Id = id, Type = type }], Cancel);

    private static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(5);
        }
    }

    private sealed class Succeeding : ITaskHandler
    {
        public HandlerOutcome Run(TaskExecution execution) => HandlerOutcome.Success();
    }

    private sealed class Unreadable : Exception
    {
        public override string Message => throw new InvalidOperationException("There is no message.");
    }
}
