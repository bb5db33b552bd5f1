using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void Each_change_of_a_call_has_its_own_outcome_in_order()
    {
        Enqueue("waiting", "finished", "seen");
        Change(new CancelTask("finished"));
        var seen = Found("seen");
        Change(new SetTask("seen") { Priority = 1 });

        var outcomes = Store.Change(
            [new CancelTask("waiting"), new CancelTask("missing"), new CancelTask("finished"), new CancelTask("seen", seen.Revision)],
            Act(), Cancel);

        Assert.Equal(
            [TaskOutcomeKind.Applied, TaskOutcomeKind.NotFound, TaskOutcomeKind.WrongStatus, TaskOutcomeKind.Superseded],
            outcomes.Select(outcome => outcome.Kind));
        Assert.Equal(["waiting", "missing", "finished", "seen"], outcomes.Select(outcome => outcome.Id));
        Assert.Equal(
            [QueueTaskStatus.Cancelled, null, QueueTaskStatus.Cancelled, QueueTaskStatus.Pending],
            outcomes.Select(outcome => outcome.Task?.Status));
        Assert.All(outcomes.Where(outcome => outcome.Task is not null), outcome => Assert.Equal(outcome.Task, Found(outcome.Id), SameTask));
    }

    [Fact]
    public void A_change_of_a_call_sees_the_ones_before_it()
    {
        Enqueue("a");

        var outcomes = Store.Change(
            [new CancelTask("a"), new CancelTask("a"), new RestartTask("a"), new RemoveTask("a"), new CancelTask("a")], Act(), Cancel);

        Assert.Equal(
            [
                TaskOutcomeKind.Applied, TaskOutcomeKind.WrongStatus, TaskOutcomeKind.Applied, TaskOutcomeKind.Applied,
                TaskOutcomeKind.NotFound,
            ],
            outcomes.Select(outcome => outcome.Kind));
    }

    [Fact]
    public void Of_changes_of_one_task_among_those_of_others_the_last_one_stands_and_each_is_logged()
    {
        Enqueue("a", "b", "c");
        SetTask[] changes =
        [
            new("a") { Priority = 1 }, new("b") { Priority = 2 }, new("a") { Priority = 3 }, new("c") { MaxRetries = 7 },
            new("a") { Priority = 4, MaxRetries = 8 },
            new("b") { Priority = 6 }, new("a") { Priority = 7 },
        ];

        var outcomes = Store.Change(changes, Act(), Cancel);

        Assert.All(outcomes, outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
        Assert.Equal((7, 8), (Found("a").Priority, Found("a").MaxRetries));
        Assert.Equal((6, 3), (Found("b").Priority, Found("b").MaxRetries));
        Assert.Equal((5, 7), (Found("c").Priority, Found("c").MaxRetries));
        Assert.Equal(outcomes[6].Task, Found("a"), SameTask);
        Assert.Equal(4, outcomes.Where(outcome => outcome.Id == "a").Select(outcome => outcome.Task!.Revision).Distinct().Count());
        Assert.Equal(
            changes.Select(change => change.Id),
            Store.History.ReadEvents(new EventQuery(), Cancel).Select(logged => logged.TaskId));
    }

    [Fact]
    public void Many_changes_of_one_call_leave_what_the_same_changes_leave_one_by_one()
    {
        var (together, alone) = (Opened("together"), Opened("alone"));
        string[] ids = [.. Enumerable.Range(0, 12).Select(number => $"t{number}")];
        var tokens = new Dictionary<string, Guid>();
        foreach (var store in new[] { together, alone })
        {
            store.Enqueue([.. ids.Select(id => NewTask(id))], Cancel);
            var request = Request(8) with { Tokens = [.. Enumerable.Range(1, 8).Select(number => new Guid(number, 0, 0, new byte[8]))] };
            foreach (var task in store.Claim(request, Cancel))
            {
                tokens[task.Id] = task.ClaimToken!.Value;
            }
        }

        var random = new Random(4711);
        List<TaskChange> changes = [.. Enumerable.Range(0, 700).Select(_ => AnyChange(random, ids[random.Next(ids.Length)], tokens))];

        var outcomes = together.Change(changes, Act(), Cancel);

        Assert.Equal(
            changes.Select(change => alone.Change([change], Act(), Cancel)[0].Kind).Order(),
            outcomes.Select(outcome => outcome.Kind).Order());
        Assert.Equal(Described(alone), Described(together));
        foreach (var id in ids)
        {
            Assert.Equal(Logged(alone, id), Logged(together, id));
        }

        static List<string> Described(ITaskStore store) =>
        [
            .. store.Read(new TaskQuery(), Cancel).Select(task => string.Join(
                '|', task.Id, task.StatusText, task.Priority, task.MaxRetries, task.RetryCount, task.Attempt, task.DataJson,
                task.ResultJson, task.ErrorMessage, task.Progress, task.ProgressMessage, task.ClaimToken)),
        ];

        static List<string> Logged(ITaskStore store, string id) =>
            [.. store.History
                .ReadEvents(new EventQuery { TaskId = id }, Cancel)
                .Select(logged => $"{logged.Event}|{logged.BeforeJson}|{logged.AfterJson}|{logged.Details}")];
    }

    private static TaskChange AnyChange(Random random, string id, Dictionary<string, Guid> tokens)
    {
        var token = tokens.GetValueOrDefault(id, Guid.NewGuid());
        return random.Next(12) switch
        {
            0 => new CancelTask(id),
            1 => new ForceCancelTask(id),
            2 or 3 => new RestartTask(id),
            4 => new CompleteTask(id, token, "[1]"),
            5 => new FailTask(id, token, "a\tb\\c 'd' {e} \u00e9\n\ud83c\udf42", TimeSpan.FromMinutes(1)),
            6 => new HeartbeatTask(id, token, TimeSpan.FromMinutes(5), random.Next(100), random.Next(2) == 0 ? "" : "half, \"done\""),
            7 => new ReleaseTask(id, token),
            8 => new SetTask(id) { DataJson = random.Next(2) == 0 ? "{\"n\":null}" : $"\"{new string('x', 300_000)}\"" },
            9 => new SetTask(id) { MaxRetries = random.Next(9) },
            _ => new SetTask(id) { Priority = random.Next(1, 11) },
        };
    }

    [Fact]
    public void Every_write_but_a_heartbeat_makes_a_new_revision()
    {
        Enqueue("a");
        var revisions = new List<string> { Found("a").Revision };
        var claimed = ClaimOne();
        revisions.Add(claimed.Revision);
        Time.Advance(TimeSpan.FromSeconds(10));

        var beaten = Change(new HeartbeatTask("a", claimed.ClaimToken!.Value, TimeSpan.FromMinutes(2), 40, "rendering"));

        Assert.Equal(TaskOutcomeKind.Applied, beaten.Kind);
        Assert.Equal(claimed.Revision, Found("a").Revision);
        Assert.Equal(
            (Time.Now, Time.Now.AddMinutes(2), 40d, "rendering"),
            (Found("a").HeartbeatAt, Found("a").LeaseExpiresAt, Found("a").Progress, Found("a").ProgressMessage));
        revisions.Add(Change(new CompleteTask("a", claimed.ClaimToken.Value, "[1]")).Task!.Revision);
        revisions.Add(Change(new RestartTask("a")).Task!.Revision);
        revisions.Add(Change(new SetTask("a") { Priority = 9 }).Task!.Revision);
        Assert.Equal(revisions.Count, revisions.Distinct().Count());
        Assert.Equal(revisions[^1], Found("a").Revision);
    }

    [Fact]
    public void An_id_that_is_removed_and_made_again_never_repeats_a_revision()
    {
        // The clock stands still: a revision must not lean on it.
        Enqueue("a");
        var revisions = new List<string> { Found("a").Revision };
        revisions.Add(Change(new CancelTask("a")).Task!.Revision);
        revisions.Add(Change(new RestartTask("a")).Task!.Revision);
        var seen = Found("a");
        Change(new RemoveTask("a"));
        Enqueue("a");
        Change(new SetTask("a") { Priority = 1 });
        Change(new SetTask("a") { Priority = 2 });

        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CancelTask("a", seen.Revision)).Kind);
        Assert.DoesNotContain(Found("a").Revision, revisions);
    }

    [Fact]
    public void A_setting_that_no_task_may_have_is_refused_before_anything_is_written()
    {
        Enqueue("a", "b");

        Assert.Throws<TaskValidationException>(
            () => Store.Change([new CancelTask("b"), new SetTask("a") { Priority = 99 }], Act(), Cancel));
        Assert.Throws<TaskValidationException>(() => Store.Change([new SetTask("a") { DataJson = "{" }], Act(), Cancel));

        Assert.Equal([QueueTaskStatus.Pending, QueueTaskStatus.Pending], Store.Read(new TaskQuery(), Cancel).Select(task => task.Status));
    }

    [Fact]
    public void Settings_of_a_waiting_task_are_stored()
    {
        Store.Enqueue([NewTask("a") with { DataJson = "[1]" }], Cancel);

        Change(new SetTask("a") { Priority = 1, DueAt = Time.Now.AddHours(1), MaxRetries = 9, DataJson = "[2]" });

        var task = Found("a");
        Assert.Equal((1, Time.Now.AddHours(1), 9, "[2]"), (task.Priority, task.DueAt, task.MaxRetries, task.DataJson));
        Assert.Empty(Claim());
        Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("a", ClaimOne().Id);
    }

    [Fact]
    public void A_cancelled_pending_task_never_runs()
    {
        Enqueue("a", "b");
        Change(new CancelTask("a"));
        Change(new RemoveTask("b"));

        Assert.Empty(Claim(5));
    }

    [Fact]
    public void A_late_completion_never_overwrites_a_forced_stop()
    {
        Enqueue("a");
        var token = ClaimOne().ClaimToken!.Value;
        Change(new ForceCancelTask("a"));
        var stopped = Found("a");

        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", token, "[1]")).Kind);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new FailTask("a", token, "late", TimeSpan.Zero)).Kind);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new ReleaseTask("a", token)).Kind);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new HeartbeatTask("a", token, TimeSpan.FromMinutes(1))).Kind);

        Assert.Equal(stopped, Found("a"), SameTask);
        Assert.Equal((QueueTaskStatus.Failed, ForceCancelTask.Message), (stopped.Status, stopped.ErrorMessage));
    }

    [Fact]
    public void A_worker_of_a_removed_task_cannot_finish_the_one_made_again_under_its_id()
    {
        Enqueue("a");
        var old = ClaimOne();
        Change(new RemoveTask("a", Force: true));
        Enqueue("a");
        var again = ClaimOne();
        Assert.Equal(old.Attempt, again.Attempt);

        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", old.ClaimToken!.Value, "\"old\"")).Kind);

        Assert.Equal(again, Found("a"), SameTask);
        Assert.Equal(TaskOutcomeKind.Applied, Change(new CompleteTask("a", again.ClaimToken!.Value, "\"new\"")).Kind);
        Assert.Equal("\"new\"", Found("a").ResultJson);
    }

    [Fact]
    public void A_repeated_answer_of_a_worker_is_applied_once()
    {
        Enqueue("done", "failing");
        var tokens = Claim(2).ToDictionary(task => task.Id, task => task.ClaimToken!.Value);
        var completion = new CompleteTask("done", tokens["done"], "[1]");
        var failure = new FailTask("failing", tokens["failing"], "no luck", TimeSpan.FromMinutes(1));
        var first = Store.Change([completion, failure], Act(), Cancel);
        Time.Advance(TimeSpan.FromSeconds(5));

        var second = Store.Change([completion, failure], Act(), Cancel);

        Assert.All(first.Concat(second), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));
        Assert.Equal(first.Select(outcome => outcome.Task!.Revision), second.Select(outcome => outcome.Task!.Revision));
        Assert.Equal(1, Found("failing").RetryCount);
    }

    [Fact]
    public void A_failed_task_is_retried_until_its_retries_are_used_up()
    {
        Store.Enqueue([NewTask("a") with { MaxRetries = 2 }], Cancel);
        foreach (var expected in new[] { QueueTaskStatus.Retry, QueueTaskStatus.Retry, QueueTaskStatus.Failed })
        {
            var claimed = ClaimOne();
            Change(new FailTask("a", claimed.ClaimToken!.Value, $"failure {claimed.Attempt}", TimeSpan.FromMinutes(1)));
            Assert.Equal(expected, Found("a").Status);
            Assert.Empty(Claim());
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal((3, 2, "failure 3"), (Found("a").Attempt, Found("a").RetryCount, Found("a").ErrorMessage));
        Assert.Empty(Claim());
    }
}
