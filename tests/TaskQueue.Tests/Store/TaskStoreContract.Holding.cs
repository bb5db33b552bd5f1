using Xunit;

namespace TaskQueue.Tests.Store;

/// <summary>
/// Claims and outcomes go by statements of their own where nothing is to be read. The life cycle says what they must come to, task by task.
/// </summary>
public abstract partial class TaskStoreContract
{
    private const int HeldTasks = 120;

    private static readonly TimeSpan LeaseOfHeld = TimeSpan.FromMinutes(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_claim_is_what_the_life_cycle_decides_of_each_task(int seed)
    {
        var random = new Random(seed);
        ImportWaiting(random, suspects: seed == 2);
        Time.Advance(TimeSpan.FromSeconds(30));

        while (true)
        {
            var request = Request(random.Next(1, 20), "work", "other") with
            {
                WorkerId = random.Next(2) == 0 ? null : Guid.NewGuid(), BeginAtOnce = random.Next(12),
            };
            var before = Waiting().Where(task => task.DueAt <= Time.Now).Take(request.Tokens.Count).ToList();
            var claimed = Store.Claim(request, Cancel);
            if (claimed.Count == 0)
            {
                Assert.Empty(before);
                break;
            }

            Assert.Equal(before.Select(task => task.Id), claimed.Select(task => task.Id));
            var begun = 0;
            foreach (var ((task, token), running) in before.Zip(request.Tokens).Zip(claimed))
            {
                var change = new ClaimTask(
                    task.Id, token, request.Worker, request.LeaseTime, request.WorkerId, begun < request.BeginAtOnce);
                var expected = Next(task, change.Apply(task with { Gate = TaskGate.Open }, Time.Now).After!);
                begun += expected.BegunAt is null ? 0 : 1;
                Assert.Equal(Shown(expected), Shown(running));
                Assert.Equal(Shown(expected), Shown(Found(task.Id)));
            }

            Time.Advance(TimeSpan.FromMilliseconds(random.Next(1000)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_outcome_decided_by_the_holders_copy_is_what_the_life_cycle_decides(int seed)
    {
        var random = new Random(seed);
        ImportWaiting(random, suspects: false);
        Time.Advance(TimeSpan.FromSeconds(30));
        while (Claim(random.Next(1, 40), "work", "other") is { Count: > 0 } claimed)
        {
            // A heartbeat leaves the revision as it is, and is not to be lost.
            foreach (var task in claimed.Where(_ => random.Next(4) == 0))
            {
                Change(new HeartbeatTask(task.Id, task.ClaimToken!.Value, LeaseOfHeld, random.Next(100), "halfway", HasBegun: true));
            }

            Time.Advance(TimeSpan.FromSeconds(1));
            var stored = claimed.ToDictionary(task => task.Id, task => Found(task.Id));
            var changes = claimed.Select(task => Outcome(random, task)).ToList();
            var now = Time.Now;
            var outcomes = ((IWorkSource)Store).Change(changes, Act(), Cancel);

            foreach (var (change, outcome) in changes.Zip(outcomes))
            {
                Assert.Equal((change.Id, TaskOutcomeKind.Applied), (outcome.Id, outcome.Kind));
                var before = stored[change.Id];
                var expected = Next(before, change.Apply(before, now).After!);
                Assert.Equal(Shown(expected), Shown(Found(change.Id)));
                Assert.Equal(expected.Revision, outcome.Task!.Revision);
                Assert.Equal(expected.Status, outcome.Task.Status);
            }
        }
    }

    [Fact]
    public void A_copy_that_holds_no_more_decides_nothing()
    {
        Enqueue("kept", "stopped", "removed", "claimed again");
        var claimed = Claim(4).ToDictionary(task => task.Id);
        Change(new ForceCancelTask("stopped"));
        Change(new RemoveTask("removed", Force: true));
        Change(new ReleaseTask("claimed again", claimed["claimed again"].ClaimToken!.Value));
        var again = ClaimOne();
        string[] ids = ["stopped", "kept", "claimed again", "removed"];

        var outcomes = ((IWorkSource)Store).Change(
            [.. ids.Select(id => Complete(claimed[id], $"\"{id}\""))], Act("work"), Cancel);

        Assert.Equal(
            [TaskOutcomeKind.Superseded, TaskOutcomeKind.Applied, TaskOutcomeKind.Superseded, TaskOutcomeKind.NotFound],
            outcomes.Select(outcome => outcome.Kind));
        Assert.Equal(QueueTaskStatus.Failed, Found("stopped").Status);
        Assert.Equal(again, Found("claimed again"), SameTask);
        Assert.Equal("\"kept\"", Found("kept").ResultJson);
        Assert.Equal(
            [("claimed again", "success: \"claimed again\""), ("removed", "success: \"removed\""), ("stopped", "success: \"stopped\"")],
            Events().Where(entry => entry.Kind == "late result").Select(entry => (entry.TaskId, entry.Details!)).Order());
    }

    [Fact]
    public void A_repeated_outcome_is_recognised_and_another_one_for_the_same_task_refused()
    {
        Enqueue("a");
        var claimed = ClaimOne();
        var complete = Complete(claimed, "1");
        var source = (IWorkSource)Store;
        Assert.Equal(TaskOutcomeKind.Applied, source.Change([complete], Act(), Cancel)[0].Kind);
        var done = Found("a");

        Assert.Equal(TaskOutcomeKind.Applied, source.Change([complete], Act(), Cancel)[0].Kind);
        Assert.Equal(
            [TaskOutcomeKind.Applied, TaskOutcomeKind.Superseded],
            source.Change([complete, Complete(claimed, "2")], Act(), Cancel).Select(outcome => outcome.Kind));

        Assert.Equal(done, Found("a"), SameTask);
    }

    private static CompleteTask Complete(QueueTask claimed, string? result) =>
        new(claimed.Id, claimed.ClaimToken!.Value, result) { Claimed = claimed };

    private static WorkerChange Outcome(Random random, QueueTask claimed) => random.Next(5) switch
    {
        0 => new ReleaseTask(claimed.Id, claimed.ClaimToken!.Value, TimeSpan.FromHours(1)),
        1 => Complete(claimed, null),
        2 => new FailTask(claimed.Id, claimed.ClaimToken!.Value, "it failed", TimeSpan.FromHours(1)),
        _ => Complete(claimed, $"{{\"n\":{random.Next()}}}"),
    };

    /// <summary>The task as a store has it after a change: its revision goes up by one.</summary>
    private static QueueTask Next(QueueTask before, QueueTask after) =>
        after with { Revision = $"{long.Parse(before.Revision, System.Globalization.CultureInfo.InvariantCulture) + 1}" };

    private List<QueueTask> Waiting() =>
    [
        .. Store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Retry] }, Cancel).OrderBy(task => task.Priority),
    ];

    /// <summary>Tasks that wait, with all that earlier attempts can have left behind.</summary>
    private void ImportWaiting(Random random, bool suspects)
    {
        var tasks = Enumerable.Range(0, HeldTasks).Select(number => TestTask.In(QueueTaskStatus.Pending) with
        {
            Id = $"t{number}",
            Type = random.Next(3) == 0 ? "other" : "work",
            Status = QueueTaskStatus.Retry,
            StatusText = "retry",
            Priority = random.Next(3, 6),
            RetryCount = random.Next(4),
            Attempt = random.Next(9),
            Recoveries = random.Next(3),
            RecoveryHistory = History(random, suspects),
            DueAt = Time.Now.AddSeconds(random.Next(-100, 20)),
            ErrorMessage = random.Next(2) == 0 ? null : "it failed before",
            ResultJson = random.Next(4) == 0 ? "[1]" : null,
            Progress = random.Next(2) == 0 ? null : random.Next(100),
            ProgressMessage = random.Next(2) == 0 ? null : "halfway",
            DataJson = random.Next(3) == 0 ? null : $$"""{"n":{{number}}}""",
            Timeout = random.Next(3) == 0 ? TimeSpan.FromSeconds(5) : null,
            Worker = random.Next(2) == 0 ? null : "earlier:1",
        });
        Assert.All(
            Store.Import([.. tasks], new ImportOptions(), Act("import"), Cancel),
            outcome => Assert.Equal(ImportOutcomeKind.Added, outcome.Kind));
    }

    private RecoveryHistory History(Random random, bool suspects)
    {
        var history = default(RecoveryHistory);
        for (var recovery = random.Next(suspects ? 5 : 2); recovery > 0; recovery--)
        {
            history = history.With(Time.Now.AddHours(-random.Next(100)), random.Next(3) > 0);
        }

        return history;
    }
}
