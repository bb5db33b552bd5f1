using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Fact]
    public void An_enqueued_task_is_found_as_it_was_given()
    {
        var due = Time.Now.AddHours(2);
        var task = new NewTask
        {
            Id = "Grüße/ünï'码-1",
            Type = "render",
            DataJson = """{"file":"a\u0000b","n":12345678901234567890,"nested":[1,{"x":null}]}""",
            Priority = 2,
            MaxRetries = 7,
            DueAt = due,
            Timeout = TimeSpan.FromMinutes(3),
        };

        var outcome = Assert.Single(Store.Enqueue([task], Cancel));

        Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind);
        var found = Found(task.Id);
        Assert.Equal(outcome.Task, found, SameTask);
        Assert.Equal(
            (task.Type, QueueTaskStatus.Pending, "pending", task.DataJson, 2, 7, due, (TimeSpan?)TimeSpan.FromMinutes(3)),
            (found.Type, found.Status, found.StatusText, found.DataJson, found.Priority, found.MaxRetries, found.DueAt, found.Timeout));
        Assert.Equal((Time.Now, Time.Now, TimeSpan.Zero), (found.CreatedAt, found.StateSince, found.Age));
        Assert.Equal((0, 0, 0), (found.Attempt, found.RetryCount, found.Recoveries));
        Assert.Null(found.ClaimToken);
    }

    [Fact]
    public void A_duplicate_id_is_reported_and_the_other_tasks_go_on()
    {
        Enqueue("a");
        var first = Found("a");

        var outcomes = Store.Enqueue([NewTask("b"), NewTask("a", "other"), NewTask("c"), NewTask("c")], Cancel);

        Assert.Equal(
            [TaskOutcomeKind.Applied, TaskOutcomeKind.Duplicate, TaskOutcomeKind.Applied, TaskOutcomeKind.Duplicate],
            outcomes.Select(outcome => outcome.Kind));
        Assert.Equal(["b", "a", "c", "c"], outcomes.Select(outcome => outcome.Id));
        Assert.Equal(first, Found("a"), SameTask);
        Assert.Equal(["a", "b", "c"], ReadIds(new TaskQuery()));
    }

    [Fact]
    public void Ids_and_types_differ_by_case()
    {
        Enqueue("a", "A");
        Store.Enqueue([NewTask("b", "Work")], Cancel);

        Assert.Null(Store.Find("B", Cancel));
        Assert.Equal(["a", "A"], ReadIds(new TaskQuery { Types = ["work"] }));
        Assert.Equal("b", ClaimOne("Work").Id);
    }

    [Fact]
    public void An_invalid_task_refuses_the_whole_call_and_writes_nothing()
    {
        NewTask[] bad =
        [
            NewTask(" "), NewTask("x\0y"), NewTask("x\ud800"), NewTask("ok", ""), NewTask("ok") with { Priority = 0 },
            NewTask("ok") with { Priority = 11 },
            NewTask("ok") with { MaxRetries = -1 }, NewTask("ok") with { DataJson = "{" }, NewTask("ok") with { Timeout = TimeSpan.Zero },
            NewTask("ok") with { DueAt = Time.Now, Delay = TimeSpan.Zero }, NewTask(new string('x', TaskRules.LongestName + 1)),
        ];

        Assert.All(bad, task => Assert.Throws<TaskValidationException>(() => Store.Enqueue([NewTask("good"), task], Cancel)));

        Assert.Empty(Store.Read(new TaskQuery(), Cancel));
    }

    [Fact]
    public void A_delay_counts_by_the_clock_of_the_store()
    {
        Store.Enqueue([NewTask("later") with { Delay = TimeSpan.FromMinutes(5) }], Cancel);

        Assert.Equal(Time.Now.AddMinutes(5), Found("later").DueAt);
    }

    [Fact]
    public void A_cancelled_call_writes_nothing()
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() => Store.Enqueue([NewTask("a")], cancelled.Token));

        Assert.Empty(Store.Read(new TaskQuery(), Cancel));
    }

    [Fact]
    public void A_second_user_of_the_queue_sees_what_the_first_has_written()
    {
        var second = Opened("queue");
        Enqueue("a");

        Assert.NotNull(second.Find("a", Cancel));
        second.Change([new CancelTask("a")], Act(), Cancel);
        Assert.Equal(QueueTaskStatus.Cancelled, Found("a").Status);
    }

    /// <summary>Data and results are compared by their text: their objects are made anew by each read.</summary>
    private static bool SameTask(QueueTask? first, QueueTask? second) => Shown(first) == Shown(second);

    private static string Shown(QueueTask? task) => task is null ? "none" : string.Join(
        "|",
        typeof(QueueTask)
            .GetProperties()
            .Where(property => property.Name is not ("Data" or "Result"))
            .Select(property => $"{property.Name}={property.GetValue(task)}"));
}
