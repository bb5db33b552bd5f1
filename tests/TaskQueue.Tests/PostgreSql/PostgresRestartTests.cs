using System.Diagnostics;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Store;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// Everything at once: four worker processes and one that adds tasks, all killed at random, on a server that restarts again and again.
/// </summary>
public sealed class PostgresRestartTests(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 4;

    // Acknowledged between two kills, so that each of them meets work that is going on.
    private const int TasksBetween = 30;

    private readonly PostgresCluster _cluster = PostgresCluster.Start(new() { IsDurable = true });
    private readonly TemporaryFolder _folder = new();
    private readonly List<ChildProcess> _children = [];

    [Fact]
    public void A_server_that_restarts_under_workers_that_are_killed_loses_no_task_and_doubles_none()
    {
        var cancel = TestContext.Current.CancellationToken;
        var location = _cluster.NewQueueLocation();
        using var store = TaskStores.Open(
            location, new StoreOptions { Create = true, ForWriting = true, Timeout = TimeSpan.FromSeconds(30) });
        var journals = Enumerable.Range(0, Workers).Select(slot => _folder[$"journal-{slot}"]).ToArray();
        List<string> added = [];
        var workers = journals.Select(journal => StartWorker(location, journal)).ToArray();
        var adder = StartAdder(location, added);
        var (kills, restarts) = (0, 0);
        var clock = Stopwatch.StartNew();
        for (var step = 1; step <= TestScale.Scaled(16); step++)
        {
            added.AddRange(adder.ReadLines(TasksBetween));
            if (step % 5 == 0)
            {
                _cluster.Restart(restarts++ % 2 == 0 ? StopMode.Crash : StopMode.Fast);
            }
            else if (step % 5 == 3)
            {
                added.AddRange(Kill(adder));
                adder = StartAdder(location, added);
            }
            else
            {
                var victim = Random.Shared.Next(Workers);
                Kill(workers[victim]);
                workers[victim] = StartWorker(location, journals[victim]);
                kills++;
            }
        }

        added.AddRange(adder.Finish());
        while (Unfinished(store, cancel) is var left && left > 0)
        {
            Assert.True(clock.Elapsed < TestScale.Scaled(TimeSpan.FromMinutes(10)), $"{left} tasks are left.");
            Thread.Sleep(50);
        }

        foreach (var worker in workers)
        {
            worker.Finish();
        }

        var tasks = store.Read(new TaskQuery(), cancel).ToList();
        output.WriteLine(
            $"{tasks.Count} tasks, {kills} kills, {restarts} restarts, {clock.Elapsed.TotalSeconds:0.0} s; "
                + $"{tasks.Count(task => task.Recoveries > 0)} recovered");
        Assert.True(restarts > 2);
        Assert.Subset(tasks.Select(task => task.Id).ToHashSet(), added.ToHashSet());
        // One that was added and not acknowledged is no harm; more than one for each kill of the adder would be.
        Assert.InRange(tasks.Count - added.Count, 0, restarts + 1);
        WorkerJournal.AssertDoneOnce(tasks, journals);
    }

    public void Dispose()
    {
        _children.ForEach(child => child.Dispose());
        _cluster.Dispose();
        _folder.Dispose();
    }

    // Both are waited for: a queue cannot be opened while its server is away, only used.
    private ChildProcess StartWorker(string location, string journal)
    {
        var worker = Start("work", location, journal, "5000");
        Assert.Equal("working", worker.ReadLine());
        return worker;
    }

    private ChildProcess StartAdder(string location, List<string> added)
    {
        var adder = Start("enqueue-forever", location, "quick");
        added.Add(adder.ReadLine());
        return adder;
    }

    private ChildProcess Start(params string[] arguments)
    {
        var child = ChildProcess.Start(arguments);
        _children.Add(child);
        return child;
    }

    private static List<string> Kill(ChildProcess child)
    {
        Assert.False(child.HasEnded, "It did not outlast a restart.");
        return child.Kill();
    }

    private static long Unfinished(ITaskStore store, CancellationToken cancel)
    {
        var counts = store.CountByStatus(cancel);
        return counts.Values.Sum() - counts.GetValueOrDefault("success") - counts.GetValueOrDefault("failed");
    }
}
