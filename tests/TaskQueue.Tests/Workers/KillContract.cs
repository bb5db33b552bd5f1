using System.Diagnostics;
using System.Globalization;
using TaskQueue.Storage;
using TaskQueue.Tests.Store;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Four worker processes on one queue, and somebody who kills or pauses one of them again and again.</summary>
public abstract class KillContract(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 4;

    // Each after the same share of the tasks was done.
    private const int Kills = 6;

    private readonly List<IDisposable> _owned = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TemporaryFolder Folder { get; } = new();

    /// <summary>A queue of this test's own.</summary>
    protected abstract string Location { get; }

    /// <summary>How many tasks four workers do in a few seconds, so that several of them are killed.</summary>
    protected abstract int ManyTasks { get; }

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
        var stops = new List<(string Id, long Asked, double Call)>();
        // Nobody is killed yet: this stop reaches a handler.
        StopOne(store, stops, () => Eventually(() => HasDone(journals, "ran", "endless-0"), "the handler has begun"));
        Eventually(() => HasDone(journals, "told", "endless-0"), "the handler is told of its stop");
        Add(store, tasks, "quick");
        var clock = Stopwatch.StartNew();
        var kills = 0;
        var share = tasks / (Kills + 1);
        while (Unfinished(store) is var left && (left > 0 || kills < Kills))
        {
            Assert.True(clock.Elapsed < TestScale.Scaled(TimeSpan.FromMinutes(10)), $"{left} tasks are left.");
            for (var stop = 0; stop < 5 && left > tasks / 50; stop++)
            {
                // It has begun then, unless it waits behind others in its worker.
                StopOne(store, stops, () => Thread.Sleep(20));
            }

            if (left < tasks - (share * (kills + 1)) && kills < Kills)
            {
                if (left < share)
                {
                    // They were fast: whoever is killed shall hold something.
                    Add(store, share, "quick", first: tasks);
                    tasks += share;
                }

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
        output.WriteLine(
            $"{tasks} tasks, {kills} kills, {clock.Elapsed.TotalSeconds:0.0} s; finished by each: {string.Join(", ", shares)}");
        output.WriteLine(
            $"{stops.Count} stops, call p50 {At(calls, 50):0} p99 {At(calls, 99):0} ms; reached {latencies.Count} handlers, "
                + $"p50 {At(latencies, 50):0} p99 {At(latencies, 99):0} ms");

        AssertAllDoneOnce(store, journals, tasks);
        Assert.Equal(Kills, kills);
        Assert.True(latencies.Count > 0);
    }

    [Fact]
    public void Workers_that_are_paused_beyond_their_lease_are_fenced_off()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows cannot pause a process from outside.");
        var store = Open();
        var journals = Journals();
        var children = StartAll(journals, leaseMilliseconds: 1000);
        var (tasks, pauses) = (0, 0);
        // Until both were seen: a worker that goes on may hear of its stop before it can hand in a late result.
        for (var clock = Stopwatch.StartNew(); pauses < 3 || Count("recovery") == 0 || Count("late result") == 0; pauses++)
        {
            Assert.True(
                clock.Elapsed < TimeSpan.FromMinutes(5),
                $"After {pauses} pauses: {Count("recovery")} recoveries, {Count("late result")} late results.");
            PauseOne(store, children[Random.Shared.Next(Workers)], () =>
            {
                Add(store, 60, "nap", first: tasks);
                tasks += 60;
            });
        }

        Eventually(() => Unfinished(store) == 0, "all tasks are done");
        foreach (var child in children)
        {
            child.Finish();
        }

        output.WriteLine($"{tasks} tasks, {pauses} pauses; {Count("recovery")} recoveries, {Count("late result")} late results refused");
        AssertAllDoneOnce(store, journals, tasks);

        int Count(string kind) => store.History.ReadEvents(new EventQuery(), Cancel).Count(logged => logged.Event == kind);
    }

    [Fact]
    public void A_lock_that_keeps_everybody_from_writing_convicts_nobody()
    {
        var store = Open();
        store.Enqueue([new NewTask { Id = "a", Type = "endless" }], Cancel);
        StartWorker(Folder["journal"], leaseMilliseconds: 3000).ReadLine();
        Eventually(() => HasDone([Folder["journal"]], "ran", "a"), "the task has begun");

        // A worker with another rhythm, which would take the task back once it may.
        using var watcher = new WorkerRun(store, new WorkerOptions { LeaseTime = TimeSpan.FromMinutes(1) }, ("other", WorkerRun.Succeed));
        using (Locked())
        {
            // Longer than the lease and its watching.
            Thread.Sleep(8500);
        }

        var free = store.Now;
        Eventually(() => store.Find("a", Cancel)!.HeartbeatAt > free, "its worker renews its lease");
        var task = store.Find("a", Cancel)!;
        Assert.Equal((QueueTaskStatus.Running, 1, 0), (task.Status, task.Attempt, task.Recoveries));
    }

    /// <summary>
    /// Pauses a worker that holds tasks until another one has taken some of them, or the server has ended what it was writing.
    /// </summary>
    private void PauseOne(ITaskStore store, ChildProcess victim, Action addTasks)
    {
        addTasks();
        List<Guid> held = [];
        Eventually(
            () =>
            {
                victim.Signal("STOP");
                var worker = store.Workers.Read(Cancel).FirstOrDefault(record => record.Identity.ProcessId == victim.Id)?.Identity.Id;
                var running = new TaskQuery
                {
                    Statuses = [QueueTaskStatus.Running], Matches = task => worker is not null && task.WorkerId == worker,
                    IncludePayload = false,
                };
                held = [.. store.Read(running, Cancel).Select(task => task.ClaimToken!.Value)];
                if (held.Count > 0 && CanBeWritten())
                {
                    return true;
                }

                victim.Signal("CONT");
                addTasks();
                return false;
            },
            "the worker holds tasks");
        Eventually(() => store.FindClaimed(held, Cancel).Count < held.Count, "others take its tasks");
        victim.Signal("CONT");
    }

    /// <summary>
    /// False if the lock of a file is held by a process that is paused in the middle of a transaction: then nobody could take its tasks.
    /// </summary>
    private bool CanBeWritten()
    {
        try
        {
            using var store = TaskStores.Open(Location, new StoreOptions { ForWriting = true, Timeout = TimeSpan.FromSeconds(2) });
            store.Workers.Prune(DateTimeOffset.UnixEpoch, Cancel);
            return true;
        }
        catch (QueueUnavailableException)
        {
            return false;
        }
    }

    private static bool HasDone(string[] journals, string verb, string id) =>
        WorkerJournal.Read(journals).Any(line => line.Verb == verb && line.Id == id);

    private static void Eventually(Func<bool> condition, string what)
    {
        var deadline = Environment.TickCount64 + (long)HangGuard.Longest.TotalMilliseconds;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"It never came about that {what}.");
            Thread.Sleep(20);
        }
    }

    private ITaskStore Open() =>
        Own(TaskStores.Open(Location, new StoreOptions { Create = true, ForWriting = true, Timeout = TimeSpan.FromMinutes(2) }));

    private static void Add(ITaskStore store, int tasks, string type, int first = 0) =>
        store.Enqueue([.. Enumerable.Range(first, tasks).Select(number => new NewTask { Id = $"t{number}", Type = type })], Cancel);

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
    private static void StopOne(ITaskStore store, List<(string Id, long Asked, double Call)> stops, Action awaitBegin)
    {
        var id = $"endless-{stops.Count}";
        store.Enqueue([new NewTask { Id = id, Type = "endless", Priority = 1 }], Cancel);
        Eventually(() => store.Find(id, Cancel)!.Status is QueueTaskStatus.Running, "the task is claimed");
        awaitBegin();
        var asked = Stopwatch.GetTimestamp();
        store.Change([new ForceCancelTask(id)], new NewOperation { Kind = "force cancel", Actor = Actor.Current("Test-Command") }, Cancel);
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
        TaskCounts.AssertKept(store);
        WorkerJournal.AssertDoneOnce(all, journals);
        AssertIntact();
    }

    private static double At(List<double> sorted, int percent) =>
        sorted.Count == 0 ? double.NaN : sorted[(int)Math.Ceiling(percent / 100d * sorted.Count) - 1];
}
