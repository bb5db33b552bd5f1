using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    // More than two pages of 500.
    private const int ManyTasks = 1203;

    [Fact]
    public void Tasks_are_read_in_order_of_creation_however_many_there_are()
    {
        var ids = EnqueueMany();

        Assert.Equal(ids, ReadIds(new TaskQuery()));
        Assert.Equal(ids.Reverse(), ReadIds(new TaskQuery { NewestFirst = true }));
    }

    [Fact]
    public void Pages_that_end_exactly_with_the_last_task_repeat_and_lose_nothing()
    {
        var ids = EnqueueMany(1000);

        Assert.Equal(ids, ReadIds(new TaskQuery()));
        Assert.Equal(ids.Reverse(), ReadIds(new TaskQuery { NewestFirst = true, Statuses = [QueueTaskStatus.Pending] }));
    }

    [Fact]
    public void Several_statuses_are_merged_in_order_of_creation_over_all_pages()
    {
        var ids = EnqueueMany();
        Store.Change([.. ids.Where((_, index) => index % 3 == 1).Select(id => new CancelTask(id))], Act(), Cancel);
        Store.Change([.. ids.Where((_, index) => index % 3 == 2).Select(id => new ForceCancelTask(id))], Act(), Cancel);
        var query = new TaskQuery { Statuses = [QueueTaskStatus.Failed, QueueTaskStatus.Pending] };

        var expected = ids.Where((_, index) => index % 3 != 1).ToList();
        Assert.Equal(expected, ReadIds(query));
        Assert.Equal(expected.AsEnumerable().Reverse(), ReadIds(query with { NewestFirst = true }));
        Assert.Equal(expected.Take(700), ReadIds(query with { Limit = 700 }));
    }

    [Fact]
    public void A_status_named_twice_shows_its_tasks_once()
    {
        Enqueue("a", "b");

        Assert.Equal(
            ["a", "b"], ReadIds(new TaskQuery { Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Pending], Types = ["work", "work"] }));
    }

    [Fact]
    public void A_status_that_no_task_can_have_here_shows_nothing()
    {
        Enqueue("a");

        Assert.Empty(ReadIds(new TaskQuery { Statuses = [QueueTaskStatus.Unknown] }));
        Assert.Equal(["a"], ReadIds(new TaskQuery { Statuses = [QueueTaskStatus.Unknown, QueueTaskStatus.Pending] }));
    }

    [Fact]
    public void Types_age_limit_and_a_condition_of_the_caller_all_narrow_the_result()
    {
        Store.Enqueue([NewTask("old-a", "a"), NewTask("old-b", "b"), NewTask("old-c", "c")], Cancel);
        Time.Advance(TimeSpan.FromHours(1));
        Store.Enqueue([NewTask("new-a", "a"), NewTask("new-b", "b"), NewTask("new-a2", "a")], Cancel);

        Assert.Equal(["old-a", "old-c", "new-a", "new-a2"], ReadIds(new TaskQuery { Types = ["a", "c"] }));
        Assert.Equal(["old-a", "old-b", "old-c"], ReadIds(new TaskQuery { OlderThan = TimeSpan.FromHours(1) }));
        Assert.Equal(["new-a", "new-b", "new-a2"], ReadIds(new TaskQuery { NewerThan = TimeSpan.FromHours(1) }));
        Assert.Equal(["new-a"], ReadIds(new TaskQuery { NewerThan = TimeSpan.FromMinutes(5), Types = ["a"], Limit = 1 }));
        Assert.Equal(["new-a2", "new-a"], ReadIds(new TaskQuery { Matches = task => task.Type == "a", NewestFirst = true, Limit = 2 }));
        Assert.Empty(ReadIds(new TaskQuery { Limit = 0 }));
        Assert.Empty(ReadIds(new TaskQuery { Types = ["A"] }));
    }

    [Fact]
    public void Age_counts_from_the_present_status_not_from_creation()
    {
        Enqueue("a", "b");
        Time.Advance(TimeSpan.FromHours(2));
        Change(new CancelTask("b"));
        Time.Advance(TimeSpan.FromMinutes(30));

        Assert.Equal(TimeSpan.FromMinutes(30), Found("b").Age);
        Assert.Equal(["a"], ReadIds(new TaskQuery { OlderThan = TimeSpan.FromHours(1) }));
    }

    [Fact]
    public void A_limit_is_filled_from_later_pages_when_a_condition_drops_rows()
    {
        var ids = EnqueueMany();

        Assert.Equal(ids[^2..], ReadIds(new TaskQuery { Matches = task => string.CompareOrdinal(task.Id, ids[^3]) > 0, Limit = 5 }));
    }

    [Fact]
    public void Payload_is_left_out_when_it_is_not_asked_for()
    {
        Store.Enqueue([NewTask("a") with { DataJson = "[1]" }], Cancel);

        Assert.Null(Assert.Single(Store.Read(new TaskQuery { IncludePayload = false }, Cancel)).DataJson);
        Assert.Equal("[1]", Assert.Single(Store.Read(new TaskQuery(), Cancel)).DataJson);
    }

    [Fact]
    public void Tasks_with_large_data_are_all_read()
    {
        var large = $"\"{new string('x', 3 * 1024 * 1024)}\"";
        Store.Enqueue([.. Enumerable.Range(0, 4).Select(index => NewTask($"large-{index}") with { DataJson = large })], Cancel);

        Assert.All(Store.Read(new TaskQuery(), Cancel), task => Assert.Equal(large.Length, task.DataJson!.Length));
        Assert.Equal(["large-3", "large-2", "large-1", "large-0"], ReadIds(new TaskQuery { NewestFirst = true }));
    }

    [Fact]
    public void Reading_goes_on_while_rows_are_added_changed_and_removed()
    {
        var ids = EnqueueMany();
        var seen = new List<string>();
        foreach (var task in Store.Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending] }, Cancel))
        {
            if (seen.Count == 0)
            {
                // Beyond the first page: what is gone is not seen, nor what is new: a pipeline that adds tasks would feed itself for ever.
                Change(new CancelTask(ids[600]));
                Change(new RemoveTask(ids[601]));
                Enqueue("added");
            }

            seen.Add(task.Id);
        }

        Assert.Equal([.. ids[..600], .. ids[602..]], seen);
    }

    [Fact]
    public void A_page_whose_last_task_was_removed_meanwhile_is_followed_by_the_next_one()
    {
        var ids = EnqueueMany();
        var seen = new List<string>();
        foreach (var task in Store.Read(new TaskQuery(), Cancel))
        {
            seen.Add(task.Id);
            Change(new RemoveTask(task.Id, KeepForUndo: false));
        }

        Assert.Equal(ids, seen);
        Assert.Empty(Store.CountByStatus(Cancel));
    }

    [Fact]
    public void A_reader_that_is_cancelled_ends_with_the_cancellation()
    {
        EnqueueMany();
        using var source = new CancellationTokenSource();
        using var tasks = Store.Read(new TaskQuery(), source.Token).GetEnumerator();
        Assert.True(tasks.MoveNext());

        source.Cancel();

        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            while (tasks.MoveNext())
            {
                // The rest of the page read already may still come.
            }
        });
    }

    [Fact]
    public void Counts_name_each_status_that_has_tasks()
    {
        Enqueue("a", "b", "c");
        Change(new CancelTask("b"));
        ClaimOne();

        Assert.Equal(
            new Dictionary<string, long> { ["pending"] = 1, ["running"] = 1, ["cancelled"] = 1 },
            Store.CountByStatus(Cancel).ToDictionary());
    }

    private string[] EnqueueMany(int count = ManyTasks)
    {
        string[] ids = [.. Enumerable.Range(0, count).Select(index => $"task-{index:0000}")];
        Enqueue(ids);
        return ids;
    }
}
