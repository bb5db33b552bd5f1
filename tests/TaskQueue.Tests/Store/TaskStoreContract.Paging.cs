using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Pages_by_cursor_show_every_task_once_whatever_comes_and_goes_between_them(bool newestFirst)
    {
        string[] ids = [.. EnqueueMany(25)];
        var query = new TaskQuery { NewestFirst = newestFirst, Limit = 10, Statuses = [QueueTaskStatus.Pending] };
        List<string> shown = [];
        string? next = null;
        do
        {
            var page = Store.ReadPage(query, next, Cancel);
            shown.AddRange(page.Tasks.Select(task => task.Id));
            next = page.Next;
            // The last one that was shown: a cursor does not need its task.
            Change(new RemoveTask(shown[^1]));
            Enqueue("between " + shown.Count);
        }
        while (next is not null);

        Assert.Equal(newestFirst ? ids.Reverse() : ids, shown.Where(id => !id.StartsWith("between", StringComparison.Ordinal)));
        Assert.Equal(shown.Count, shown.Distinct().Count());
    }

    [Fact]
    public void A_page_that_ends_with_the_last_task_has_no_next_one()
    {
        EnqueueMany(10);

        Assert.Null(Store.ReadPage(new TaskQuery { Limit = 10 }, null, Cancel).Next);
        Assert.NotNull(Store.ReadPage(new TaskQuery { Limit = 9 }, null, Cancel).Next);
        Assert.Null(Store.ReadPage(new TaskQuery(), null, Cancel).Next);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1; DROP TABLE task")]
    [InlineData("99999999999999999999999999")]
    public void A_cursor_that_no_page_gave_is_refused(string cursor) =>
        Assert.Throws<TaskValidationException>(() => Store.ReadPage(new TaskQuery(), cursor, Cancel));

    [Fact]
    public void Tasks_are_counted_by_type_and_status()
    {
        Store.Enqueue([NewTask("a1", "a"), NewTask("a2", "a"), NewTask("b1", "b")], Cancel);
        Change(new CancelTask("a2"));

        Assert.Equal(
            [new TypeCount("a", "cancelled", 1), new TypeCount("a", "pending", 1), new TypeCount("b", "pending", 1)],
            Store.CountByType(Cancel).OrderBy(count => (count.Type, count.StatusText)));
    }
}
