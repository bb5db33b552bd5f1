using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteOptimizeTests : SqliteTestBase
{
    private static readonly HistoryRetention Retention = new();

    [Fact]
    public void Unused_space_is_given_back_in_steps_and_the_file_stays_intact()
    {
        var store = MakeHoles();
        List<double> steps = [];

        var result = store.Optimize(Retention, steps.Add, Cancel);

        Assert.True(result.IsReclaimed);
        Assert.InRange(result.BytesBefore, 10_000_000, long.MaxValue);
        Assert.InRange(result.BytesAfter, 1, 1_000_000);
        Assert.InRange(steps.Count, 4, 1000);
        Assert.Equal(steps.Order(), steps);
        Assert.Equal(1, steps[^1]);
        Assert.Equal(["kept"], Ids(store));
        AssertIntact();
        Assert.Equal(0L, Scalar("PRAGMA freelist_count"));
    }

    [Fact]
    public void Between_two_steps_others_write_and_what_they_write_stays()
    {
        var store = MakeHoles();
        var others = TaskStoresOf();
        var written = 0;

        store.Optimize(Retention, _ => Add(others, $"new-{written++}"), Cancel);

        Assert.InRange(written, 4, 1000);
        Assert.Equal(written + 1, Ids(store).Count);
        AssertIntact();
    }

    [Fact]
    public void A_cancelled_optimization_keeps_what_it_has_done()
    {
        var store = MakeHoles();
        var before = (long)Scalar("PRAGMA freelist_count")!;
        using var cancellation = new CancellationTokenSource();

        Assert.Throws<OperationCanceledException>(() => store.Optimize(Retention, _ => cancellation.Cancel(), cancellation.Token));

        Assert.InRange((long)Scalar("PRAGMA freelist_count")!, 1, before - 1);
        Assert.Equal(["kept"], Ids(store));
        AssertIntact();
    }

    [Fact]
    public void Once_history_has_expired_a_failure_is_a_warning_of_the_result()
    {
        var store = MakeHoles();
        store.Change([new CancelTask("kept")], Act("cancel"), Cancel);

        var result = store.Optimize(
            new HistoryRetention { Events = TimeSpan.Zero, Trash = TimeSpan.Zero }, _ => throw new IOException("disk gone"), Cancel);

        Assert.True(result.EventsExpired > 0);
        Assert.False(result.IsReclaimed);
        Assert.Equal(["Unused space could not be given back: disk gone"], result.Warnings);
        Assert.Throws<IOException>(() => store.Optimize(Retention, _ => throw new IOException("disk gone"), Cancel));
    }

    [Fact]
    public void A_claim_is_searched_for_by_its_index_with_and_without_statistics()
    {
        const string Plan = "EXPLAIN QUERY PLAN SELECT * FROM task WHERE type = 'work' AND ready = 1 ORDER BY priority, seq LIMIT 1";
        var store = Open();
        Add(store, [.. Enumerable.Range(0, 500).Select(number => $"task-{number}")]);
        Assert.Contains("task_ready", PlanOf(), StringComparison.Ordinal);

        store.Optimize(Retention, _ => { }, Cancel);

        Assert.NotEqual(0L, Scalar("SELECT COUNT(*) FROM sqlite_stat1"));
        Assert.Contains("task_ready", PlanOf(), StringComparison.Ordinal);

        string PlanOf()
        {
            using var connection = Connect();
            using var command = connection.CreateCommand();
            command.CommandText = Plan;
            using var reader = command.ExecuteReader();
            Assert.True(reader.Read());
            return reader.GetString(3);
        }
    }

    private ITaskStore TaskStoresOf() => Own(TaskQueue.Storage.TaskStores.Open(QueuePath, Writing));

    /// <summary>A file of more than 10 MB, of which one task is left.</summary>
    private ITaskStore MakeHoles()
    {
        var store = Open();
        var data = $$"""{"text":"{{new string('x', 20_000)}}"}""";
        store.Enqueue(
            [.. Enumerable.Range(0, 500).Select(number => new NewTask { Id = $"task-{number}", Type = "work", DataJson = data })], Cancel);
        Add(store, "kept");
        store.Change(
            [.. Enumerable.Range(0, 500).Select(number => new RemoveTask($"task-{number}", null, Force: false, KeepForUndo: false))], Act(),
            Cancel);
        return store;
    }
}
