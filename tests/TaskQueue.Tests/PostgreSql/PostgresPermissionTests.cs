using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Users who may read only, or may not make what they ask for.</summary>
public sealed class PostgresPermissionTests
{
    private readonly PostgresLocation _queue = PostgresCluster.Shared.NewQueue();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static StoreOptions Writing { get; } = new() { Create = true, ForWriting = true };

    /// <summary>Every kind of write is refused with an error that says why.</summary>
    internal static void AssertNoWriting(ITaskStore store, string reason)
    {
        var operation = new NewOperation { Kind = "test", Actor = Actor.Current("Test-Command") };
        var request = new ClaimRequest
        {
            Types = ["work"], Tokens = [Guid.NewGuid()], Worker = "tester:1", LeaseTime = TimeSpan.FromMinutes(1),
        };
        Action[] writes =
        [
            () => store.Enqueue([new NewTask { Id = "other", Type = "work" }], Cancel),
            () => store.Change([new CancelTask("a")], operation, Cancel),
            () => store.Claim(request, Cancel),
            () => store.Import([TestTask.In(QueueTaskStatus.Success) with { Id = "imported" }], new ImportOptions(), operation, Cancel),
            () => store.ReplaceAll(new TaskListing([]), new ImportOptions(), operation, Cancel),
        ];
        Assert.All(
            writes,
            write => Assert.Contains(reason, Assert.Throws<QueueUnavailableException>(write).Message, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(["a"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
    }

    [Fact]
    public void A_user_who_may_only_read_sees_everything_and_is_told_so_when_writing()
    {
        using (var owner = TaskStores.Open(_queue.ToString(), Writing))
        {
            owner.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel);
        }

        var reader = Granted("USAGE ON SCHEMA", "SELECT ON ALL TABLES IN SCHEMA");
        using var store = TaskStores.Open(reader.ToString(), new StoreOptions());

        Assert.Equal("a", store.Find("a", Cancel)!.Id);
        Assert.Equal(["a"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
        Assert.Equal(1, store.CountByStatus(Cancel)["pending"]);
        Assert.Equal(1, QueueMeasure.Of(store, null, null, null, Cancel).Total);
        Assert.Empty(store.Workers.Read(Cancel));
        Assert.Empty(store.History.ReadOperations(new OperationQuery(), Cancel));
        AssertNoWriting(store, "permission denied");
    }

    [Fact]
    public void A_user_who_may_write_to_the_tables_needs_no_more_than_that()
    {
        TaskStores.Open(_queue.ToString(), Writing).Dispose();
        var writer = Granted(
            "USAGE ON SCHEMA", "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA", "USAGE ON ALL SEQUENCES IN SCHEMA");
        using var store = TaskStores.Open(writer.ToString(), new StoreOptions { ForWriting = true });

        Assert.Equal(TaskOutcomeKind.Applied, store.Enqueue([new NewTask { Id = "a", Type = "work" }], Cancel)[0].Kind);
        using var worker = new Workers.WorkerRun(store, new WorkerOptions { EndsWhenEmpty = true }, ("work", Workers.WorkerRun.Succeed));
        Assert.Equal("a", worker.NextFinished().Id);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1500)]
    public void Tasks_are_added_also_where_each_row_is_a_matter_of_rights(int count)
    {
        TaskStores.Open(_queue.ToString(), Writing).Dispose();
        var writer = Granted(
            "USAGE ON SCHEMA", "SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA", "USAGE ON ALL SEQUENCES IN SCHEMA");
        PostgresCluster.Shared.Execute(
            $"ALTER TABLE {_queue.Schema}.task ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON {_queue.Schema}.task USING (type = 'work') "
                + "WITH CHECK (type = 'work')");
        using var store = TaskStores.Open(writer.ToString(), new StoreOptions { ForWriting = true });
        NewTask[] tasks = [.. Enumerable.Range(0, count).Select(
            number => new NewTask { Id = $"t{number}", Type = "work", DataJson = "{\"a\":\"\\t☃\"}" })];

        Assert.All(store.Enqueue(tasks, Cancel), outcome => Assert.Equal(TaskOutcomeKind.Applied, outcome.Kind));

        Assert.Equal(tasks.Select(task => task.DataJson), store.Read(new TaskQuery(), Cancel).Select(task => task.DataJson));
        Assert.All(store.Enqueue(tasks, Cancel), outcome => Assert.Equal(TaskOutcomeKind.Duplicate, outcome.Kind));
        Assert.Contains(
            "row-level security",
            Assert.Throws<QueueUnavailableException>(
                () => store.Enqueue([.. tasks.Select(task => task with { Id = "x" + task.Id, Type = "other" })], Cancel)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_without_any_right_on_the_queue_is_told_so()
    {
        TaskStores.Open(_queue.ToString(), Writing).Dispose();
        var stranger = Granted();

        AssertUnavailable(() => TaskStores.Open(stranger.ToString(), new StoreOptions()), "permission denied", stranger);
    }

    [Fact]
    public void A_user_who_may_not_make_the_schema_is_told_so()
    {
        var user = Granted();

        AssertUnavailable(() => TaskStores.Open(user.ToString(), Writing), "permission denied", user);
        AssertUnavailable(() => TaskStores.Open(user.ToString(), Writing), _queue.Database, user);
    }

    /// <summary>A user with these rights, each on the queue's schema.</summary>
    private PostgresLocation Granted(params string[] rights)
    {
        var user = PostgresCluster.Shared.NewUser() with { Schema = _queue.Schema };
        foreach (var right in rights)
        {
            PostgresCluster.Shared.Execute($"GRANT {right} {_queue.Schema} TO {user.User}");
        }

        return user;
    }

    private static void AssertUnavailable(Func<object> open, string reason, PostgresLocation user)
    {
        var error = Assert.Throws<QueueUnavailableException>(open);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(user.Password!, error.ToString(), StringComparison.Ordinal);
    }
}
