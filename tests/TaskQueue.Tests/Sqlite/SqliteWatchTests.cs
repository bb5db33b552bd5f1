using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteWatchTests : SqliteTestBase
{
    // Only reached when something is broken.
    private readonly SemaphoreSlim _told = new(0);

    [Fact]
    public void What_another_process_commits_is_told()
    {
        var store = Watched();
        var child = Child("enqueue-forever", QueuePath, "work");
        child.ReadLine();

        AwaitCall();
        child.Kill();
        Assert.NotEmpty(Ids(store));
    }

    [Fact]
    public void A_busy_queue_is_told_of_to_the_last_commit()
    {
        var store = Open();
        using var isLast = new ManualResetEventSlim();
        using var watch = store.Watch(() =>
        {
            if (store.Find("last", CancellationToken.None) is not null)
            {
                isLast.Set();
            }
        });
        using var other = TaskStores.Open(QueuePath, Writing with { Durability = Durability.Normal });

        const int Commits = 2000;
        for (var index = 0; index < Commits; index++)
        {
            Add(other, $"task-{index}");
        }

        Add(other, "last");
        Assert.True(isLast.Wait(HangGuard.Longest, Cancel));
    }

    [Fact]
    public void A_file_put_in_its_place_is_told_and_watched_from_then_on()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file cannot be moved or deleted there.");
        var store = Watched();
        Add(store, "old");
        AwaitCall();
        using (var elsewhere = TaskStores.Open(Folder["elsewhere.db"], Writing))
        {
            Add(elsewhere, "new");
        }

        AwaitSilence();
        File.Move(QueuePath, Folder["moved.db"]);
        AwaitSilence();
        File.Move(Folder["elsewhere.db"], QueuePath);
        AwaitCall();

        AwaitSilence();
        Add(store, "added");
        AwaitCall();
        Assert.Equal(["new", "added"], Ids(store));
    }

    [Fact]
    public void A_queue_that_cannot_be_opened_when_the_watch_begins_is_watched_from_when_it_can()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file cannot be moved or deleted there.");
        var store = Open();
        Add(store, "a");
        Ids(store);
        File.Move(QueuePath, Folder["moved.db"]);
        using var watch = store.Watch(() => _told.Release());
        AwaitSilence();
        Assert.Equal(0, _told.CurrentCount);

        using (var elsewhere = TaskStores.Open(Folder["elsewhere.db"], Writing))
        {
            Add(elsewhere, "new");
        }

        File.Move(Folder["elsewhere.db"], QueuePath);
        AwaitCall();
    }

    private ITaskStore Watched()
    {
        var store = Open();
        Own(store.Watch(() => _told.Release()));
        return store;
    }

    private void AwaitCall() => Assert.True(_told.Wait(HangGuard.Longest, Cancel));

    private void AwaitSilence()
    {
        while (_told.Wait(TimeSpan.FromMilliseconds(400), Cancel))
        {
            // One more for what was done before.
        }
    }
}
