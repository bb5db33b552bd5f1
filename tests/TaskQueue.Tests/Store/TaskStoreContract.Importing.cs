using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void An_imported_task_has_its_full_state_and_times()
    {
        var task = Foreign("a", QueueTaskStatus.Failed) with
        {
            Priority = 3, DataJson = "[1]", ResultJson = "[2]", ErrorMessage = "lines\nof text", RetryCount = 2, MaxRetries = 4,
            Attempt = 3, Recoveries = 1,
            Timeout = TimeSpan.FromSeconds(90), Worker = "old:1", Progress = 12.5, ProgressMessage = "half",
            StartedAt = Time.Now.AddDays(-2), HeartbeatAt = Time.Now.AddDays(-2), CompletedAt = Time.Now.AddDays(-1),
        };

        var outcome = Assert.Single(Store.Import([task], new ImportOptions(), Act("import"), Cancel));

        Assert.Equal((ImportOutcomeKind.Added, "a"), (outcome.Kind, outcome.Id));
        var found = Found("a");
        Assert.Equal(task, found with { Queue = task.Queue, Revision = task.Revision, Age = task.Age }, SameTask);
        Assert.Equal(Time.Now - task.StateSince, found.Age);
        Assert.Equal(Store.Info.Queue, found.Queue);
    }

    [Theory]
    [InlineData(RunningTasks.Requeue, QueueTaskStatus.Pending)]
    [InlineData(RunningTasks.Fail, QueueTaskStatus.Failed)]
    [InlineData(RunningTasks.Keep, QueueTaskStatus.Running)]
    public void An_import_never_carries_a_live_claim(RunningTasks running, QueueTaskStatus expected)
    {
        var token = Guid.NewGuid();
        var task = Foreign("a", QueueTaskStatus.Running) with
        {
            ClaimToken = token, Worker = "old:1", StartedAt = Time.Now, HeartbeatAt = Time.Now, LeaseExpiresAt = Time.Now.AddHours(1),
        };

        Store.Import([task], new ImportOptions { Running = running }, Act("import"), Cancel);

        var found = Found("a");
        Assert.Equal(expected, found.Status);
        Assert.Null(found.ClaimToken);
        Assert.False(found.LeaseExpiresAt > Time.Now);
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask("a", token)).Kind);
        Assert.Equal(expected, Found("a").Status);
    }

    [Fact]
    public void An_imported_waiting_task_is_claimed_when_it_is_due()
    {
        Store.Import(
            [Foreign("due", QueueTaskStatus.Retry), Foreign("later", QueueTaskStatus.Pending) with { DueAt = Time.Now.AddHours(1) }],
            new ImportOptions(), Act("import"), Cancel);

        Assert.Equal(["due"], Claim(5).Select(task => task.Id));
    }

    [Fact]
    public void A_taken_id_is_a_duplicate_and_stays_as_it_is()
    {
        Enqueue("a");
        var before = Found("a");

        var outcomes = Store.Import(
            [Foreign("a", QueueTaskStatus.Success), Foreign("b", QueueTaskStatus.Success)], new ImportOptions(), Act("import"), Cancel);

        Assert.Equal([ImportOutcomeKind.Duplicate, ImportOutcomeKind.Added], outcomes.Select(outcome => outcome.Kind));
        Assert.Equal(before, Found("a"), SameTask);
    }

    [Fact]
    public void A_repeated_import_updates_only_what_changed_in_the_source_and_not_here()
    {
        var options = new ImportOptions { UpdateUntouched = true };
        Enqueue("ours");
        QueueTask[] first = [
            Foreign("same", QueueTaskStatus.Pending), Foreign("changed", QueueTaskStatus.Pending),
            Foreign("touched", QueueTaskStatus.Pending),
        ];
        Store.Import(first, options, Act("copy"), Cancel);
        Change(new SetTask("touched") { Priority = 1 });

        var outcomes = Store.Import(
            [
                first[0], Foreign("changed", QueueTaskStatus.Success) with { Revision = "2", ResultJson = "[1]" },
                Foreign("touched", QueueTaskStatus.Success) with { Revision = "2" }, Foreign("ours", QueueTaskStatus.Success),
            ],
            options, Act("copy"), Cancel);

        Assert.Equal(
            [ImportOutcomeKind.Unchanged, ImportOutcomeKind.Updated, ImportOutcomeKind.Touched, ImportOutcomeKind.Touched],
            outcomes.Select(outcome => outcome.Kind));
        Assert.Equal((QueueTaskStatus.Success, "[1]"), (Found("changed").Status, Found("changed").ResultJson));
        Assert.Equal((QueueTaskStatus.Pending, 1), (Found("touched").Status, Found("touched").Priority));
        Assert.Equal(QueueTaskStatus.Pending, Found("ours").Status);
        Assert.Equal(["ours", "same", "changed", "touched"], ReadIds(new TaskQuery()));
    }

    [Fact]
    public void A_task_that_no_queue_should_hold_refuses_the_whole_import()
    {
        QueueTask[] bad =
        [
            Foreign("x", QueueTaskStatus.Pending) with { Priority = 0 }, Foreign("x", QueueTaskStatus.Pending) with { Attempt = -1 },
            Foreign("x", QueueTaskStatus.Unknown) with { StatusText = "odd" }, Foreign("", QueueTaskStatus.Pending),
        ];

        Assert.All(bad, task => Assert.Throws<TaskValidationException>(
            () => Store.Import([Foreign("good", QueueTaskStatus.Pending), task], new ImportOptions(), Act("import"), Cancel)));

        Assert.Empty(Store.Read(new TaskQuery(), Cancel));
        Assert.Equal(0, Count("operation"));
    }

    [Fact]
    public void Replacing_all_leaves_exactly_the_given_tasks()
    {
        EnqueueMany();
        var claimed = ClaimOne();

        var count = Store.ReplaceAll(
            new TaskListing(
                [
                    Foreign("b", QueueTaskStatus.Success), Foreign("a", QueueTaskStatus.Pending),
                    Foreign(claimed.Id, QueueTaskStatus.Running),
                ]),
            new ImportOptions(), Act("restore"), Cancel);

        Assert.Equal(3, count);
        Assert.Equal(["b", "a", claimed.Id], ReadIds(new TaskQuery()));
        Assert.Equal(TaskOutcomeKind.Superseded, Change(new CompleteTask(claimed.Id, claimed.ClaimToken!.Value)).Kind);
        Assert.Equal(1, Count("operation WHERE kind = 'restore'"));
    }

    [Fact]
    public void A_replacement_that_fails_midway_leaves_everything_as_it_was()
    {
        Enqueue("a", "b");

        Assert.Throws<TaskValidationException>(() => Store.ReplaceAll(
            new TaskListing([Foreign("c", QueueTaskStatus.Success), Foreign("d", QueueTaskStatus.Success) with { Priority = 0 }]),
            new ImportOptions(), Act("restore"), Cancel));
        Assert.Throws<TaskValidationException>(() => Store.ReplaceAll(
            new TaskListing([Foreign("twice", QueueTaskStatus.Success), Foreign("twice", QueueTaskStatus.Failed)]), new ImportOptions(),
            Act("restore"), Cancel));

        Assert.Equal(["a", "b"], ReadIds(new TaskQuery()));
        Assert.Equal(0, Count("operation"));
    }

    [Fact]
    public void A_queue_can_be_replaced_by_a_filtered_reading_of_itself()
    {
        var ids = EnqueueMany();

        var count = Store.ReplaceAll(
            new TaskListing(Store.Read(new TaskQuery { Matches = task => task.Id != ids[700] }, Cancel)), new ImportOptions(),
            Act("restore"), Cancel);

        Assert.Equal(ManyTasks - 1, count);
        Assert.Equal([.. ids[..700], .. ids[701..]], ReadIds(new TaskQuery()));
    }

    private QueueTask Foreign(string id, QueueTaskStatus status) => new()
    {
        Id = id,
        Type = "work",
        Status = status,
        StatusText = status is QueueTaskStatus.Unknown ? "?" : status.ToText(),
        CreatedAt = Time.Now.AddDays(-3),
        DueAt = Time.Now.AddDays(-3),
        StateSince = Time.Now.AddDays(-1),
        Age = TimeSpan.FromDays(1),
        CompletedAt = status.IsFinished() ? Time.Now.AddDays(-1) : null,
        Queue = "elsewhere",
        Revision = "1",
    };
}
