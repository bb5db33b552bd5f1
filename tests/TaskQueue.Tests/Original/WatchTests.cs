using Xunit;

namespace TaskQueue.Tests.Original;

public sealed class WatchTests : IDisposable
{
    // Only reached when something is broken.
    private readonly OriginalFile _file = OriginalFile.OfIncident();

    public void Dispose() => _file.Dispose();

    [Theory]
    [InlineData("DELETE")]
    [InlineData("WAL")]
    public void What_the_service_commits_is_told_in_whichever_journal_mode(string mode)
    {
        _file.Execute($"PRAGMA journal_mode = {mode}");
        using var store = _file.Open();
        using var told = new SemaphoreSlim(0);
        using var watch = store.Watch(() => told.Release());

        ChildProcess.Run("sql", _file.Location, "UPDATE task_queue SET priority = 1 WHERE id = 1");

        Assert.True(told.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
        Assert.Equal(1, store.Read(new TaskQuery { Limit = 1 }, CancellationToken.None).Single().Priority);
    }

    [Fact]
    public void A_commit_is_told_of_though_the_queue_could_not_be_read_for_a_while()
    {
        using var store = _file.Open();
        using var told = new SemaphoreSlim(0);
        using var watch = store.Watch(() => told.Release());
        using (var service = RawDatabase.Open(_file.Location))
        {
            service.Execute("BEGIN EXCLUSIVE");
            service.Execute("UPDATE task_queue SET priority = 1 WHERE id = 1");
            Assert.False(told.Wait(TimeSpan.FromMilliseconds(600), TestContext.Current.CancellationToken));
            service.Execute("COMMIT");
        }

        Assert.True(told.Wait(HangGuard.Longest, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_watch_leaves_the_folder_byte_for_byte_as_it_was()
    {
        var before = _file.Fingerprint();
        using (var store = _file.Open())
        using (store.Watch(() => { }))
        {
            Thread.Sleep(600);
            Assert.Equal(before, _file.Fingerprint());
        }

        Assert.Equal(before, _file.Fingerprint());
    }
}
