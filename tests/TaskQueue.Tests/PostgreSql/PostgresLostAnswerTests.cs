using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// A connection that is cut just when an answer is on its way: each test loses in turn each answer that the call waits for, among them that
/// to the commit, and the call still tells the truth.
/// </summary>
public class PostgresLostAnswerTests : IDisposable
{
    // No call takes that many round trips, also with a login and the first preparation of its statements.
    private const int MostAnswers = 60;

    private readonly LossyProxy _proxy;
    private readonly ITaskStore _store;

    public PostgresLostAnswerTests()
        : this(PostgresCluster.Shared.NewQueue())
    {
    }

    protected PostgresLostAnswerTests(PostgresLocation queue)
    {
        _proxy = new(queue);
        _store = Storage.TaskStores.Open(_proxy.Location.ToString(), new Storage.StoreOptions { Create = true, ForWriting = true });
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _proxy.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void An_added_task_is_added_once_and_no_duplicate_of_itself() => WithEachAnswerLost(
        number => number,
        number =>
        {
            var outcomes = _store.Enqueue([New($"a-{number}"), New($"b-{number}")], Cancel);

            Assert.All(outcomes, outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
            Assert.Equal(2 * number, _store.CountByStatus(Cancel)["pending"]);
        });

    [Fact]
    public void A_claim_takes_no_more_than_it_returns() => WithEachAnswerLost(
        number => Add($"a-{number}", $"b-{number}", $"c-{number}"),
        number =>
        {
            var request = Request(2);

            var claimed = _store.Claim(request, Cancel);

            Assert.Equal(request.Tokens, claimed.Select(task => task.ClaimToken!.Value));
            Assert.All(claimed, task => Assert.Equal((QueueTaskStatus.Running, 1), (task.Status, task.Attempt)));
            Assert.Equal(2 * number, _store.CountByStatus(Cancel)["running"]);
        });

    [Fact]
    public void A_claim_after_one_that_found_all_it_wanted_takes_no_more_than_it_returns() => WithEachAnswerLost(
        number =>
        {
            Add([.. Enumerable.Range(0, 6).Select(task => $"{number}-{task}")]);
            Assert.Equal(2, _store.Claim(Request(2), Cancel).Count);
            return number;
        },
        number =>
        {
            var request = Request(2);

            var claimed = _store.Claim(request, Cancel);

            Assert.Equal(request.Tokens, claimed.Select(task => task.ClaimToken!.Value));
            var running = _store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Running] }, Cancel).ToList();
            Assert.Equal(4 * number, running.Count);
            Assert.Equal(running.Count, running.DistinctBy(task => task.ClaimToken).Count());
        });

    [Fact]
    public void A_workers_outcomes_are_recorded_once() => WithEachAnswerLost(
        number =>
        {
            Add($"done-{number}", $"failed-{number}", $"released-{number}");
            return _store.Claim(Request(3), Cancel);
        },
        tasks =>
        {
            WorkerChange[] changes =
            [
                new CompleteTask(tasks[0].Id, tasks[0].ClaimToken!.Value, "[1]"),
                new FailTask(tasks[1].Id, tasks[1].ClaimToken!.Value, "disk full", TimeSpan.FromHours(1)),
                new ReleaseTask(tasks[2].Id, tasks[2].ClaimToken!.Value, TimeSpan.FromHours(1)),
            ];

            AssertApplied(changes);

            Assert.Equal((QueueTaskStatus.Success, "[1]"), (Found(tasks[0]).Status, Found(tasks[0]).ResultJson));
            Assert.Equal((QueueTaskStatus.Retry, 1), (Found(tasks[1]).Status, Found(tasks[1]).RetryCount));
            Assert.Equal((QueueTaskStatus.Pending, 0), (Found(tasks[2]).Status, Found(tasks[2]).RetryCount));
            Assert.Equal(["failure"], Events(tasks[1]));
        });

    [Fact]
    public void An_operators_changes_are_applied_and_logged_once() => WithEachAnswerLost(
        number =>
        {
            Add($"cancelled-{number}", $"removed-{number}", $"set-{number}", $"stopped-{number}");
            return _store
                .Read(new TaskQuery { Matches = task => task.Id.EndsWith($"-{number}", StringComparison.Ordinal) }, Cancel)
                .ToList();
        },
        tasks =>
        {
            AssertApplied(
                new CancelTask(tasks[0].Id), new RemoveTask(tasks[1].Id), new SetTask(tasks[2].Id) { Priority = 1 },
                new ForceCancelTask(tasks[3].Id));

            Assert.Equal(
                [QueueTaskStatus.Cancelled, null, QueueTaskStatus.Pending, QueueTaskStatus.Failed],
                tasks.Select(task => _store.Find(task.Id, Cancel)?.Status));
            Assert.All(tasks, task => Assert.Single(Events(task)));
        });

    [Fact]
    public void An_undo_tells_what_it_has_put_back() => WithEachAnswerLost(
        number =>
        {
            Add($"a-{number}");
            var operation = Act("cancel");
            _store.Change([new CancelTask($"a-{number}")], operation, Cancel);
            return (Id: $"a-{number}", Operation: operation.Id);
        },
        done =>
        {
            var report = _store.History.Undo(done.Operation, Act("undo"), _ => true, requeue: false, Cancel);

            Assert.Equal(done.Id, Assert.Single(report.Restored).Id);
            Assert.Equal(QueueTaskStatus.Pending, _store.Find(done.Id, Cancel)!.Status);
        });

    [Fact]
    public void An_imported_task_is_added_once() => WithEachAnswerLost(
        number => TestTask.In(QueueTaskStatus.Success) with { Id = $"a-{number}" },
        task =>
        {
            var outcome = Assert.Single(_store.Import([task], new ImportOptions(), Act("import"), Cancel));

            Assert.Equal(ImportOutcomeKind.Added, outcome.Kind);
            Assert.Equal(QueueTaskStatus.Success, Found(task).Status);
        });

    [Fact]
    public void A_replacement_is_told_as_it_was_done() => WithEachAnswerLost(
        number =>
        {
            Add($"old-{number}");
            return new TaskListing([TestTask.In(QueueTaskStatus.Success) with { Id = $"new-{number}" }]);
        },
        listing =>
        {
            Assert.Equal(1, _store.ReplaceAll(listing, new ImportOptions(), Act("restore"), Cancel));
            Assert.Equal(listing.Read(new TaskQuery(), Cancel).Single().Id, _store.Read(new TaskQuery(), Cancel).Single().Id);
        });

    [Fact]
    public void Reading_goes_on() => WithEachAnswerLost(
        number => Add($"a-{number}"),
        number =>
        {
            Assert.Equal(number, _store.Read(new TaskQuery(), Cancel).Count());
            Assert.Equal(number, _store.CountByStatus(Cancel)["pending"]);
        });

    private void WithEachAnswerLost<T>(Func<int, T> prepare, Action<T> call)
    {
        for (var number = 1; number < MostAnswers; number++)
        {
            var prepared = prepare(number);
            _proxy.LoseAnswer(number);
            call(prepared);
            if (!_proxy.HasLost)
            {
                // At least a statement and the commit.
                Assert.True(number > 2, "Nothing went through the proxy.");
                return;
            }
        }

        Assert.Fail("A call takes more answers than that.");
    }

    private int Add(params string[] ids)
    {
        Assert.All(_store.Enqueue([.. ids.Select(New)], Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
        return int.Parse(ids[0].Split('-')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private void AssertApplied(params TaskChange[] changes) =>
        Assert.All(_store.Change(changes, Act("test"), Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));

    private QueueTask Found(QueueTask task) => _store.Find(task.Id, Cancel)!;

    private List<string> Events(QueueTask task) =>
        [.. _store.History.ReadEvents(new EventQuery { TaskId = task.Id }, Cancel).Select(logged => logged.Event)];

    private static NewTask New(string id) => new() { Id = id, Type = "work" };

    private static NewOperation Act(string kind) => new() { Kind = kind, Actor = Actor.Current("Test-Command") };

    private static ClaimRequest Request(int count) => new()
    {
        Types = ["work"],
        Tokens = [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())],
        Worker = "tester:1",
        LeaseTime = TimeSpan.FromHours(1),
    };
}
