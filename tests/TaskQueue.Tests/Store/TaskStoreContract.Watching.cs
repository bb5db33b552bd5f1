using Xunit;

namespace TaskQueue.Tests.Store;

public abstract partial class TaskStoreContract
{
    // Only reached when something is broken.
    [Fact]
    public void A_watch_tells_of_a_change_by_the_same_store_and_by_another()
    {
        var second = Opened("queue");
        using var told = new SemaphoreSlim(0);
        using var watch = Store.Watch(() => told.Release());

        Enqueue("a");
        Assert.True(told.Wait(HangGuard.Longest, Cancel));
        AwaitSilence(told);
        second.Enqueue([NewTask("b")], Cancel);
        Assert.True(told.Wait(HangGuard.Longest, Cancel));
    }

    [Fact]
    public void A_change_right_after_the_watch_began_is_told()
    {
        for (var round = 0; round < 20; round++)
        {
            using var told = new ManualResetEventSlim();
            using var watch = Store.Watch(told.Set);
            Enqueue($"task-{round}");
            Assert.True(told.Wait(HangGuard.Longest, Cancel));
        }
    }

    [Fact]
    public void A_watch_sees_what_was_changed_when_it_tells()
    {
        using var seen = new ManualResetEventSlim();
        using var watch = Store.Watch(() =>
        {
            if (Store.Find("last", CancellationToken.None) is not null)
            {
                seen.Set();
            }
        });

        for (var index = 0; index < 200; index++)
        {
            Enqueue($"task-{index}");
        }

        Enqueue("last");
        Assert.True(seen.Wait(HangGuard.Longest, Cancel));
    }

    [Fact]
    public void A_disposed_watch_tells_nothing_any_more_whoever_disposes_it()
    {
        var calls = 0;
        using var told = new ManualResetEventSlim();
        IDisposable? watch = null;
        using var isSet = new ManualResetEventSlim();
        watch = Store.Watch(() =>
        {
            isSet.Wait(CancellationToken.None);
            calls++;
            // From within its own call.
            watch!.Dispose();
            told.Set();
        });
        isSet.Set();
        Enqueue("a");
        Assert.True(told.Wait(HangGuard.Longest, Cancel));

        var others = Enumerable.Range(0, 4).Select(_ => Store.Watch(() => { })).ToList();
        Parallel.ForEach(others, other =>
        {
            other.Dispose();
            watch.Dispose();
        });
        Enqueue("b");
        using var second = new ManualResetEventSlim();
        using var control = Store.Watch(second.Set);
        Enqueue("c");
        Assert.True(second.Wait(HangGuard.Longest, Cancel));
        Assert.Equal(1, calls);
    }

    /// <summary>Until nothing was told for a while: what follows is then told for its own sake.</summary>
    private protected virtual void AwaitSilence(SemaphoreSlim told)
    {
        while (told.Wait(TimeSpan.FromMilliseconds(400), Cancel))
        {
            // One more for the same change.
        }
    }
}
