using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Two hosts with a worker each, and a server; one host loses its network.</summary>
public sealed class PostgresNetworkTests(ITestOutputHelper output) : IDisposable
{
    private const string LeaseMilliseconds = "2000";

    private readonly TestNetwork _network = new("web01", "web02");
    private readonly TemporaryFolder _folder = new();
    private readonly List<ChildProcess> _children = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_worker_that_is_cut_off_loses_its_tasks_to_another_and_its_late_results_are_refused()
    {
        using var cluster = PostgresCluster.Start(new() { Address = _network.Address });
        var location = cluster.NewQueueLocation();
        using var store = TaskStores.Open(location, new StoreOptions { Create = true, ForWriting = true });
        var (first, second) = (_folder["web01"], _folder["web02"]);
        store.Enqueue([new NewTask { Id = "long", Type = "wait" }], Cancel);
        var cutOff = Start("web01", location, first);
        Eventually(() => Ran(first, "long", 1), "web01 runs the task");
        File.WriteAllText(second + ".go", "");
        Start("web02", location, second);
        store.Enqueue([.. Enumerable.Range(0, 200).Select(number => new NewTask { Id = $"nap-{number}", Type = "nap" })], Cancel);
        Eventually(() => WorkerJournal.Read(first).Count > 10, "web01 does its part");

        _network.Cut("web01");
        // Its handlers end while it is cut off: the results cannot be handed in.
        Eventually(() => store.Find("long", Cancel)!.Status is QueueTaskStatus.Success, "web02 has taken the task over");
        File.WriteAllText(first + ".go", "");
        Eventually(() => store.CountByStatus(Cancel).GetValueOrDefault("success") == 201, "web02 has done all");
        _network.Mend("web01");

        Eventually(() => Events("late result").Contains("long"), "the late result stands in the history");
        var task = store.Find("long", Cancel)!;
        Assert.Equal((QueueTaskStatus.Success, 2, 1, "2"), (task.Status, task.Attempt, task.Recoveries, task.ResultJson));
        Assert.StartsWith("web02:", task.Worker, StringComparison.Ordinal);

        // It is a worker like any other again.
        var later = 0;
        Eventually(
            () =>
            {
                store.Enqueue([new NewTask { Id = $"later-{later++}", Type = "nap" }], Cancel);
                return Finished(first).Any(id => id.StartsWith("later", StringComparison.Ordinal));
            },
            "web01 does its part again");
        Eventually(() => store.CountByStatus(Cancel).GetValueOrDefault("success") == 201 + later, "all is done");
        _children.ForEach(child => output.WriteLine(string.Join('\n', child.Finish())));
        output.WriteLine($"{Events("recovery").Count} recoveries, {Events("late result").Count} late results refused");
        WorkerJournal.AssertDoneOnce([.. store.Read(new TaskQuery(), Cancel)], first, second);
        Assert.All(Finished(first), id => Assert.StartsWith("web01:", store.Find(id, Cancel)!.Worker, StringComparison.Ordinal));
        Assert.All(Events("late result"), id => Assert.StartsWith("web02:", store.Find(id, Cancel)!.Worker, StringComparison.Ordinal));

        List<string> Events(string kind) =>
            [.. store.History.ReadEvents(new EventQuery(), Cancel).Where(logged => logged.Event == kind).Select(logged => logged.TaskId)];
    }

    public void Dispose()
    {
        foreach (var child in _children)
        {
            // Of a test that fails, all there is to tell.
            output.WriteLine(string.Join('\n', child.HasEnded ? [] : child.Kill()));
            child.Dispose();
        }

        _network.Dispose();
        _folder.Dispose();
    }

    private ChildProcess Start(string host, string location, string journal)
    {
        var child = _network.Start(host, "work", location, journal, LeaseMilliseconds);
        _children.Add(child);
        return child;
    }

    private static bool Ran(string journal, string id, int attempt) => WorkerJournal.Read(journal).Contains(("ran", id, attempt));

    private static List<string> Finished(string journal) =>
        [.. WorkerJournal.Read(journal).Where(line => line.Verb == "finished").Select(line => line.Id)];

    private static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)HangGuard.Longest.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(50);
        }
    }
}
