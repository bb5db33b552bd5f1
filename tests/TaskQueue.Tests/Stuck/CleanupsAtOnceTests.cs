using System.Globalization;
using TaskQueue.Storage;
using TaskQueue.Tests.Original;
using TaskQueue.Tests.PostgreSql;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Stuck;

/// <summary>
/// Four processes that clean up the same queue at the same time, each other tasks: each has a backup of its own, which its report names.
/// </summary>
public sealed class CleanupsAtOnceTests : IDisposable
{
    private static readonly string[] Types = ["a", "b", "c", "d"];

    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1)]
    public void On_a_file(int keep)
    {
        var folder = Own(new TemporaryFolder());
        MakeStuck(folder["queue.db"]);
        AssertEachHasItsOwn(folder["queue.db"], keep, DateTimeOffset.UtcNow);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1)]
    public void On_a_file_of_the_original(int keep)
    {
        var file = Own(OriginalFile.Empty());
        foreach (var type in Types)
        {
            file.Add(
                ("task_id", type), ("task_type", type), ("status", "running"), ("data", "{}"),
                ("created_at", "2025-12-16T22:07:10.100000"), ("started_at", "2025-12-16T22:07:13.868950"),
                ("updated_at", "2025-12-16 14:07:13"));
        }

        AssertEachHasItsOwn(file.Location, keep, file.Time.Now);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1)]
    public void On_a_server(int keep)
    {
        var queue = new PostgresQueues()["queue"].ToString();
        MakeStuck(queue);
        AssertEachHasItsOwn(queue, keep, DateTimeOffset.UtcNow);
    }

    private void AssertEachHasItsOwn(string queue, int keep, DateTimeOffset now)
    {
        var time = now.ToString("o", CultureInfo.InvariantCulture);
        var children = Types.Select(type => Own(
            ChildProcess.Start("clean-up-at", queue, type, keep.ToString(CultureInfo.InvariantCulture), time))).ToList();
        children.ForEach(child => Assert.Equal("ready", child.ReadLine()));

        children.ForEach(child => child.SendLine());
        var told = children.Select(child => child.Finish()).ToList();

        var paths = told.Select(lines => lines[0]["backup ".Length..]).ToList();
        try
        {
            Assert.All(told, lines => Assert.Equal("cleaned 1", lines[1]));
            Assert.All(told, lines => Assert.Equal(2, lines.Count));
            Assert.Equal(Types.Length, paths.Distinct(StringComparer.Ordinal).Count());
            Assert.All(Types.Zip(paths), made => Assert.Equal(QueueTaskStatus.Running, StatusIn(made.Second, made.First)));
        }
        finally
        {
            paths.ForEach(File.Delete);
        }
    }

    private static QueueTaskStatus? StatusIn(string backup, string id)
    {
        using var store = TaskStores.OpenBackup(backup, CancellationToken.None);
        return store.Find(id, CancellationToken.None)?.Status;
    }

    private static void MakeStuck(string queue)
    {
        using var store = TaskStores.Open(queue, new StoreOptions { Create = true, ForWriting = true });
        var since = store.Now.AddHours(-5);
        store.Import(
            [
                .. Types.Select(type => new QueueTask
                {
                    Id = type, Type = type, Status = QueueTaskStatus.Running, StatusText = "running", CreatedAt = since, StartedAt = since,
                    StateSince = since,
                    Queue = "elsewhere", Revision = "1",
                }),
            ],
            new ImportOptions { Running = RunningTasks.Keep },
            new NewOperation { Kind = "import", Actor = Actor.Current("Test-Command") },
            CancellationToken.None);
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
