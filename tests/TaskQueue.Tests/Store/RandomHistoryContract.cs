using CsCheck;
using Xunit;

namespace TaskQueue.Tests.Store;

/// <summary>What holds on every store of the native layout whatever was done to it before. Each history is that of a new queue.</summary>
public abstract class RandomHistoryContract : IDisposable
{
    private const int Tasks = 4;

    private static readonly Gen<StoreStep> Step = Gen.Select(
        Gen.Enum<StepKind>(), Gen.Int[0, Tasks - 1], Gen.Int[0, 59], (kind, task, choice) => new StoreStep(kind, task, choice));

    protected TemporaryFolder Folder { get; } = new();

    /// <summary>How many histories a test tries.</summary>
    protected abstract int Histories { get; }

    /// <summary>Makes a new queue that goes by this clock.</summary>
    protected abstract ITaskStore OpenNew(TimeProvider time);

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Any_history_leaves_the_store_as_the_engine_says() => Step.List[1, 60].Sample(
        steps =>
        {
            var cancellation = TestContext.Current.CancellationToken;
            var time = new ManualTime();
            using var store = OpenNew(time);
            var model = new StoreModel(store, time);
            steps.ForEach(step => model.Do(step, cancellation));
        },
        iter: Histories,
        threads: 2);

    /// <summary>An undo leaves the tasks as they were before the operation, but for what the rules say of running ones.</summary>
    [Fact]
    public void An_undo_of_any_operation_leaves_the_tasks_as_before_it() =>
        Gen.Select(Step.List[1, 40], Gen.Int[0, 4], Gen.Bool).Sample(
            (steps, kind, isDelivered) =>
            {
                var cancellation = TestContext.Current.CancellationToken;
                var time = new ManualTime();
                using var store = OpenNew(time);
                var model = new StoreModel(store, time);
                steps.ForEach(step => model.Do(step, cancellation));
                var worker = ClaimOne(store, cancellation);
                var before = store.Read(new TaskQuery(), cancellation).ToList();
                var operation = Act("test");
                var changed = store.Change([.. before.Select(task => ChangeOf(task, kind))], operation, cancellation)
                    .Count(outcome => outcome.Kind is TaskOutcomeKind.Applied);
                if (isDelivered)
                {
                    store.Workers.TakeStops(worker, cancellation);
                }

                time.Advance(TimeSpan.FromSeconds(1));
                if (changed == 0)
                {
                    Assert.Throws<OperationNotFoundException>(
                        () => store.History.Undo(operation.Id, Act("undo"), _ => true, requeue: false, cancellation));
                    return;
                }

                var report = store.History.Undo(operation.Id, Act("undo"), _ => true, requeue: false, cancellation);

                Assert.Equal(changed, report.Restored.Count);
                Assert.Empty(report.Skipped);
                var after = store.Read(new TaskQuery(), cancellation).ToDictionary(task => task.Id);
                var restored = report.Restored.ToDictionary(task => task.Id);
                Assert.Equal(before.Select(task => task.Id), store.Read(new TaskQuery(), cancellation).Select(task => task.Id));
                Assert.All(
                    before, task => AssertBack(task, after[task.Id], restored.GetValueOrDefault(task.Id), worker, isDelivered, time.Now));
            },
            iter: Histories,
            threads: 2);

    private static void AssertBack(QueueTask before, QueueTask after, UndoneTask? undone, Guid worker, bool isDelivered, DateTimeOffset now)
    {
        if (undone is null)
        {
            Assert.Equal(before with { Age = null }, after with { Age = null });
            return;
        }

        Assert.NotEqual(before.Revision, after.Revision);
        if (before.Status is not QueueTaskStatus.Running)
        {
            // Its time may have come while it was away.
            var gate = before.Gate is null ? before.Gate : before.DueAt > now ? TaskGate.NotDue : TaskGate.Open;
            Assert.Equal(before with { Age = null, Revision = "", Gate = gate }, after with { Age = null, Revision = "" });
            Assert.Null(undone.Note);
        }
        else if (before.ClaimToken is null)
        {
            Assert.Equal(before with { Age = null, Revision = "" }, after with { Age = null, Revision = "" });
            Assert.NotNull(undone.Note);
        }
        else if (before.WorkerId == worker && !isDelivered)
        {
            Assert.Equal(
                before with { Age = null, Revision = "", HeartbeatAt = now, LeaseExpiresAt = after.LeaseExpiresAt },
                after with { Age = null, Revision = "" });
            Assert.True(after.LeaseExpiresAt > now);
        }
        else
        {
            Assert.Equal(
                (QueueTaskStatus.Pending, null, before.DataJson, before.Attempt),
                (after.Status, after.ClaimToken, after.DataJson, after.Attempt));
            Assert.NotNull(undone.Note);
        }
    }

    /// <summary>A registered worker takes one of the tasks, if there is one that is due.</summary>
    private static Guid ClaimOne(ITaskStore store, CancellationToken cancellation)
    {
        var id = Guid.NewGuid();
        store.Workers.Put(
            new WorkerRecord
            {
                Identity = new WorkerIdentity { Id = id, Machine = "web01", ProcessId = 4711, User = "ops" },
                LeaseTime = TimeSpan.FromMinutes(1),
                Concurrency = 1,
                Types = ["a", "b"],
            },
            cancellation);
        store.Claim(
            new ClaimRequest
            {
                Types = ["a", "b"], Tokens = [Guid.NewGuid()], Worker = "web01:4711", WorkerId = id, LeaseTime = TimeSpan.FromMinutes(1),
            }, cancellation);
        return id;
    }

    private static TaskChange ChangeOf(QueueTask task, int kind) => kind switch
    {
        0 => new ForceCancelTask(task.Id),
        1 => new RemoveTask(task.Id, Force: true),
        2 => new RestartTask(task.Id),
        3 => new SetTask(task.Id) { Priority = task.Priority % 10 + 1, DataJson = "[\"changed\"]" },
        _ => new CancelTask(task.Id),
    };

    private static NewOperation Act(string kind) => new() { Kind = kind, Actor = Actor.Current("Test-Command") };
}
