using System.Diagnostics;
using System.Globalization;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Four worker processes on one queue, and somebody who kills or pauses one of them every second.</summary>
public abstract class KillContract(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 4;

    private readonly List<IDisposable> _owned = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TemporaryFolder Folder { get; } = new();

    /// <summary>A queue of this test's own.</summary>
    protected abstract string Location { get; }

    /// <summary>How many tasks four workers do in a few seconds, so that several of them are killed.</summary>
    protected abstract int ManyTasks { get; }

    /// <summary>How many of the tasks each worker does at least, where that says anything: on a busy machine one may be killed again and again before it has begun.</summary>
    protected virtual int LeastShare(int tasks) => 0;

    /// <summary>How long a worker is paused: the lease of one, the watching of another, and time to run the task again.</summary>
    protected virtual TimeSpan Pause => TimeSpan.FromSeconds(6);

    /// <summary>Another program's lock that keeps everybody from writing.</summary>
    protected abstract IDisposable Locked();

    /// <summary>Checks what can be checked of the queue's storage itself.</summary>
    protected virtual void AssertIntact()
    {
    }

    public void Dispose()
    {
        _owned.Reverse();
        _owned.ForEach(owned => owned.Dispose());
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private T Own<T>(T owned)
        where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    [Fact]
    public void Workers_that_are_killed_lose_no_task_and_complete_none_twice()
    {
        var tasks = TestScale.Scaled(ManyTasks);
        var store = Open();
        var journals = Journals();
        var children = StartAll(journals, leaseMilliseconds: 5000);
        Add(store, tasks, "quick");
        var stops = new List<(string Id, long Asked, double Call)>();
        var clock = Stopwatch.StartNew();
        var kills = 0;
        while (Unfinished(store) is var left && left > 0)
        {
            Assert.True(clock.Elapsed < TestScale.Scaled(TimeSpan.FromMinutes(5)), $"{left} tasks are left.");
            for (var stop = 0; stop < 5 && left > tasks / 50; stop++)
            {
                StopOne(store, stops);
            }

            if (clock.Elapsed > TimeSpan.FromSeconds(kills + 1) && left > 0)
            {
                var victim = Random.Shared.Next(Workers);
                children[victim].Kill();
                children[victim] = StartWorker(journals[victim], leaseMilliseconds: 5000);
                kills++;
            }
        }

        foreach (var child in children)
        {
            // A busy error would have been a warning.
            Assert.DoesNotContain(child.Finish(), line => line != "working");
        }

        var told = WorkerJournal.Read(journals).Where(line => line.Verb == "told").ToDictionary(line => line.Id, line => line.Number);
        var latencies = stops.Where(stop => told.ContainsKey(stop.Id))
            .Select(stop => Stopwatch.GetElapsedTime(stop.Asked, told[stop.Id]).TotalMilliseconds).Order().ToList();
        var calls = stops.Select(stop => stop.Call).Order().ToList();
        var shares = journals.Select(journal => WorkerJournal.Read(journal).Count(line => line.Verb == "finished")).ToList();
        output.WriteLine($"{tasks} tasks, {kills} kills, {clock.Elapsed.TotalSeconds:0.0} s; finished by each: {string.Join(", ", shares)}");
        output.WriteLine($"{stops.Count} stops, call p50 {At(calls, 50):0} p99 {At(calls, 99):0} ms; reached {latencies.Count} handlers, p50 {At(latencies, 50):0} p99 {At(latencies, 99):0} ms");

        AssertAllDoneOnce(store, journals, tasks);
        Assert.True(kills > 0);
        Assert.True(latencies.Count > 0);
        Assert.True(shares.Count(share => share > 0) > 1, "One worker did everything.");
        Assert.All(shares, share => Assert.InRange(share, LeastShare(tasks), tasks));
    }

    [Fact]
    public void Workers_that_are_paused_beyond_their_lease_are_fenced_off()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows cannot pause a process from outside.");
        const int Tasks = 1500;
        var store = Open();
        var journals = Journals();
        var children = StartAll(journals, leaseMilliseconds: 1000);
        Add(store, Tasks, "nap");
        var clock = Stopwatch.StartNew();
        var pauses = 0;
        int? paused = null;
        while (Unfinished(store) is var left && left > 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), $"{left} tasks are left.");
            if (clock.Elapsed > TimeSpan.FromSeconds(2) + (Pause * pauses))
            {
                Continue(children, paused);
                paused = left > Workers * 12 ? Random.Shared.Next(Workers) : null;
                if (paused is { } victim)
                {
                    children[victim].Signal("STOP");
                    pauses++;
                }
            }

            Thread.Sleep(20);
        }

        Continue(children, paused);
        foreach (var child in children)
        {
            child.Finish();
        }

        var events = store.History.ReadEvents(new EventQuery(), Cancel).CountBy(logged => logged.Event).ToDictionary();
        var (late, recovered) = (events.GetValueOrDefault("late result"), events.GetValueOrDefault("recovery"));
        output.WriteLine($"{Tasks} tasks, {pauses} pauses, {clock.Elapsed.TotalSeconds:0.0} s; {recovered} recoveries, {late} late results refused");
        Assert.True(pauses > 0);
        Assert.True(recovered > 0);
        Assert.True(late > 0);
        AssertAllDoneOnce(store, journals, Tasks);
    }

    [Fact]
    public void A_lock_that_keeps_everybody_from_writing_convicts_nobody()
    {
        var store = Open();
        store.Enqueue([new NewTask { Id = "a", Type = "endless" }], Cancel);
        StartWorker(Folder["journal"], leaseMilliseconds: 2000).ReadLine();
        var deadline = Stopwatch.StartNew();
        while (!WorkerJournal.Read(Folder["journal"]).Any(line => line.Verb == "ran"))
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(30), "The task was not begun.");
            Thread.Sleep(20);
        }

        // A worker with another rhythm, which would take the task back once it may.
        using var watcher = new WorkerRun(store, new WorkerOptions { LeaseTime = TimeSpan.FromMinutes(1) }, ("other", WorkerRun.Succeed));
        using (Locked())
        {
            // Longer than the lease and its watching.
            Thread.Sleep(6500);
        }

        Thread.Sleep(2500);
        var task = store.Find("a", Cancel)!;
        Assert.Equal((QueueTaskStatus.Running, 1, 0), (task.Status, task.Attempt, task.Recoveries));
    }

    private static void Continue(ChildProcess[] children, int? paused)
    {
        if (paused is { } victim)
        {
            children[victim].Signal("CONT");
        }
    }

    private ITaskStore Open() => Own(TaskStores.Open(Location, new StoreOptions { Create = true, ForWriting = true }));

    private static void Add(ITaskStore store, int tasks, string type) =>
        store.Enqueue([.. Enumerable.Range(0, tasks).Select(number => new NewTask { Id = $"t{number}", Type = type })], Cancel);

    private string[] Journals() => [.. Enumerable.Range(0, Workers).Select(slot => Folder[$"journal-{slot}"])];

    /// <summary>All work when this returns, so that each gets its share.</summary>
    private ChildProcess[] StartAll(string[] journals, int leaseMilliseconds)
    {
        var children = journals.Select(journal => StartWorker(journal, leaseMilliseconds)).ToArray();
        Assert.All(children, child => Assert.Equal("working", child.ReadLine()));
        return children;
    }

    private ChildProcess StartWorker(string journal, int leaseMilliseconds) =>
        Own(ChildProcess.Start("work", Location, journal, leaseMilliseconds.ToString(CultureInfo.InvariantCulture)));

    /// <summary>An operator stops a task as soon as it runs.</summary>
    private static void StopOne(ITaskStore store, List<(string Id, long Asked, double Call)> stops)
    {
        var id = $"endless-{stops.Count}";
        store.Enqueue([new NewTask { Id = id, Type = "endless", Priority = 1 }], Cancel);
        var deadline = Stopwatch.StartNew();
        while (store.Find(id, Cancel)!.Status is not QueueTaskStatus.Running)
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(60), "The task was not claimed.");
            Thread.Sleep(2);
        }

        // It has begun then, unless it waits behind others in its worker.
        Thread.Sleep(20);
        var asked = Stopwatch.GetTimestamp();
        store.Change([new ForceCancelTask(id)], new Operation { Kind = "force cancel", Actor = Actor.Current("Test-Command") }, Cancel);
        stops.Add((id, asked, Stopwatch.GetElapsedTime(asked).TotalMilliseconds));
    }

    private static long Unfinished(ITaskStore store)
    {
        var counts = store.CountByStatus(Cancel);
        return counts.Values.Sum() - counts.GetValueOrDefault("success") - counts.GetValueOrDefault("failed");
    }

    private void AssertAllDoneOnce(ITaskStore store, string[] journals, int tasks)
    {
        var all = store.Read(new TaskQuery(), Cancel).Where(task => task.Type is not "endless").ToList();
        Assert.Equal(tasks, all.Count);
        Assert.Equal(0, store.CountByStatus(Cancel).GetValueOrDefault("running"));
        WorkerJournal.AssertDoneOnce(all, journals);
        AssertIntact();
    }

    private static double At(List<double> sorted, int percent) => sorted.Count == 0 ? double.NaN : sorted[(int)Math.Ceiling(percent / 100d * sorted.Count) - 1];
}
