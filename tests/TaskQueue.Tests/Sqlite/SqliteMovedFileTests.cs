using Xunit;

namespace TaskQueue.Tests.Sqlite;

public sealed class SqliteMovedFileTests : SqliteTestBase
{
    private string Moved => Folder["moved.db"];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_moved_file_takes_every_acknowledged_write_with_it(bool wasRead)
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "a", "b");
        if (wasRead)
        {
            Ids(store);
        }

        File.Move(QueuePath, Moved);

        Assert.Throws<QueueNotFoundException>(() => Add(store, "lost"));
        Assert.False(File.Exists(QueuePath));
        Assert.Throws<QueueNotFoundException>(() => Ids(store));
        store.Dispose();
        Assert.Equal(["a", "b"], StoredIds(Moved));
        AssertIntact(Moved);
    }

    [Fact]
    public void A_moved_file_that_nobody_writes_again_takes_every_acknowledged_write_with_it()
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "a");
        Ids(store);

        File.Move(QueuePath, Moved);
        store.Dispose();

        Assert.Equal(["a"], StoredIds(Moved));
    }

    [Fact]
    public void A_write_in_whose_middle_the_file_is_moved_is_refused_and_not_made()
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "a");

        Assert.Throws<QueueUnavailableException>(
            () => store.Change([new ActingChange("a", () => File.Move(QueuePath, Moved))], Act(), Cancel));

        store.Dispose();
        Assert.Equal((long)NewTask.DefaultPriority, Scalar("SELECT priority FROM task", Moved));
    }

    [Fact]
    public void A_deleted_file_is_never_written_again_and_never_made_again()
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "a");
        Ids(store);

        File.Delete(QueuePath);

        Assert.Throws<QueueNotFoundException>(() => Add(store, "b"));
        Assert.Throws<QueueNotFoundException>(() => store.Find("a", Cancel));
        Assert.False(File.Exists(QueuePath));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_file_put_in_its_place_gets_what_is_written_from_then_on(bool wasRead)
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "old-1", "old-2");
        if (wasRead)
        {
            Ids(store);
        }

        PutAnotherInPlace();

        Add(store, "added");

        AssertAddedToTheNewFile(store);
    }

    [Fact]
    public void A_reader_meets_the_file_put_in_place_as_it_is()
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "old-1", "old-2");
        Ids(store);
        PutAnotherInPlace();

        Assert.Equal(["new"], Ids(store));

        Add(store, "added");
        AssertAddedToTheNewFile(store);
    }

    [Fact]
    public void A_queue_that_is_opened_anew_is_the_file_put_in_place_and_the_former_one_keeps_its_log()
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "old-1", "old-2");
        PutAnotherInPlace();

        using (var second = Storage.TaskStores.Open(QueuePath, Writing))
        {
            Assert.Equal(["new"], Ids(second));
            Add(second, "added");
        }

        AssertAddedToTheNewFile(store);
    }

    [Fact]
    public void Another_programs_database_put_in_place_is_refused_and_keeps_its_journal_mode()
    {
        SkipWhereOpenFilesStay();
        var store = Open();
        Add(store, "a");
        File.Move(QueuePath, Moved);
        Scalar("CREATE TABLE theirs (x)", Folder["theirs.db"]);
        var before = Hash(Folder["theirs.db"]);
        File.Move(Folder["theirs.db"], QueuePath);

        Assert.Throws<QueueFormatException>(() => Add(store, "b"));

        store.Dispose();
        Assert.Equal(before, Hash(QueuePath));
    }

    private void PutAnotherInPlace()
    {
        File.Move(QueuePath, Moved);
        var elsewhere = Folder["elsewhere.db"];
        using (var store = Storage.TaskStores.Open(elsewhere, Writing))
        {
            Add(store, "new");
        }

        File.Move(elsewhere, QueuePath);
    }

    private void AssertAddedToTheNewFile(ITaskStore store)
    {
        Assert.Equal(["new", "added"], Ids(store));
        store.Dispose();
        Assert.Equal(["new", "added"], StoredIds());
        Assert.Equal(["old-1", "old-2"], StoredIds(Moved));
        AssertIntact();
    }

    private static void SkipWhereOpenFilesStay() =>
        Assert.SkipWhen(OperatingSystem.IsWindows(), "An open file cannot be moved or deleted there.");
}
