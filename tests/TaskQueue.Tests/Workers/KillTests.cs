using System.Diagnostics;
using System.Globalization;
using TaskQueue.Tests.Sqlite;
using Xunit;

namespace TaskQueue.Tests.Workers;

/// <summary>Four worker processes on one file, and somebody who kills or pauses one of them every second.</summary>
public sealed class KillTests(ITestOutputHelper output) : SqliteTestBase
{
    private const int Workers = 4;

    [Fact]
    public void Workers_that_are_killed_lose_no_task_and_complete_none_twice()
    {
        const int Tasks = 20_000;
        using var store = Open(Tasks, "quick");
        var journals = Enumerable.Range(0, Workers).Select(slot => Folder[$"journal-{slot}"]).ToArray();
        var children = journals.Select(journal => StartWorker(journal, leaseMilliseconds: 5000)).ToArray();
        var stops = new List<(string Id, long Asked, double Call)>();
        var clock = Stopwatch.StartNew();
        var kills = 0;
        while (Unfinished(store) is var left && left > 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), $"{left} tasks are left.");
            for (var stop = 0; stop < 5 && left > Tasks / 50; stop++)
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

        var told = ReadJournals(journals).Where(line => line.Verb == "told").ToDictionary(line => line.Id, line => line.Number);
        var latencies = stops.Where(stop => told.ContainsKey(stop.Id))
            .Select(stop => Stopwatch.GetElapsedTime(stop.Asked, told[stop.Id]).TotalMilliseconds).Order().ToList();
        var calls = stops.Select(stop => stop.Call).Order().ToList();
        var shares = journals.Select(journal => ReadJournals([journal]).Count(line => line.Verb == "finished")).ToList();
        output.WriteLine($"{Tasks} tasks, {kills} kills, {clock.Elapsed.TotalSeconds:0.0} s; finished by each: {string.Join(", ", shares)}");
        output.WriteLine($"{stops.Count} stops, call p50 {At(calls, 50):0} p99 {At(calls, 99):0} ms; reached {latencies.Count} handlers, p50 {At(latencies, 50):0} p99 {At(latencies, 99):0} ms");

        AssertAllDoneOnce(store, journals, Tasks);
        Assert.True(kills > 0);
        Assert.True(latencies.Count > 0);
        Assert.All(shares, share => Assert.InRange(share, Tasks / 10, Tasks));
    }

    [Fact]
    public void Workers_that_are_paused_beyond_their_lease_are_fenced_off()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows cannot pause a process from outside.");
        const int Tasks = 1500;
        using var store = Open(Tasks, "nap");
        var journals = Enumerable.Range(0, Workers).Select(slot => Folder[$"journal-{slot}"]).ToArray();
        var children = journals.Select(journal => StartWorker(journal, leaseMilliseconds: 1000)).ToArray();
        var clock = Stopwatch.StartNew();
        var pauses = 0;
        int? paused = null;
        while (Unfinished(store) is var left && left > 0)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(5), $"{left} tasks are left.");
            // Six seconds: the lease of one, the watching of another, and time to run the task again.
            if (clock.Elapsed > TimeSpan.FromSeconds(2 + (6 * pauses)))
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

        var late = Convert.ToInt64(Scalar("SELECT COUNT(*) FROM event WHERE kind = 'late result'"), CultureInfo.InvariantCulture);
        var recovered = Convert.ToInt64(Scalar("SELECT COUNT(*) FROM event WHERE kind = 'recovery'"), CultureInfo.InvariantCulture);
        output.WriteLine($"{Tasks} tasks, {pauses} pauses, {clock.Elapsed.TotalSeconds:0.0} s; {recovered} recoveries, {late} late results refused");
        Assert.True(pauses > 0);
        Assert.True(recovered > 0);
        Assert.True(late > 0);
        AssertAllDoneOnce(store, journals, Tasks);
    }

    [Fact]
    public void A_lock_that_keeps_everybody_from_writing_convicts_nobody()
    {
        using var store = Open();
        store.Enqueue([new NewTask { Id = "a", Type = "endless" }], Cancel);
        StartWorker(Folder["journal"], leaseMilliseconds: 2000).ReadLine();
        var deadline = Stopwatch.StartNew();
        while (!File.Exists(Folder["journal"]) || !ReadJournals([Folder["journal"]]).Any(line => line.Verb == "ran"))
        {
            Assert.True(deadline.Elapsed < TimeSpan.FromSeconds(30), "The task was not begun.");
            Thread.Sleep(20);
        }

        // A worker with another rhythm, which would take the task back once it may.
        using var watcher = new WorkerRun(store, new WorkerOptions { LeaseTime = TimeSpan.FromMinutes(1) }, ("other", WorkerRun.Succeed));
        using (var holder = ChildProcess.Start("hold-lock", QueuePath))
        {
            holder.ReadLine();
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

    private ITaskStore Open(int tasks, string type)
    {
        var store = Open();
        store.Enqueue([.. Enumerable.Range(0, tasks).Select(number => new NewTask { Id = $"t{number}", Type = type })], Cancel);
        return store;
    }

    private ChildProcess StartWorker(string journal, int leaseMilliseconds) =>
        Child("work", QueuePath, journal, leaseMilliseconds.ToString(CultureInfo.InvariantCulture));

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
        store.Change([new ForceCancelTask(id)], Act("force cancel"), Cancel);
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
        Assert.All(all, task => Assert.Equal(QueueTaskStatus.Success, task.Status));
        Assert.Equal(0, store.CountByStatus(Cancel).GetValueOrDefault("running"));

        // Each attempt began at most once, and the one that counts began in one of the processes.
        var ran = ReadJournals(journals).Where(line => line.Verb == "ran").Select(line => (line.Id, line.Number)).ToList();
        Assert.Equal(ran.Count, ran.Distinct().Count());
        var attempts = ran.ToHashSet();
        Assert.All(all, task => Assert.Contains((task.Id, (long)task.Attempt), attempts));

        // A process that is killed between commit and journal leaves no line, but none is completed twice.
        var finished = ReadJournals(journals).Where(line => line.Verb == "finished").Select(line => line.Id).ToList();
        Assert.Equal(finished.Count, finished.Distinct().Count());
        AssertIntact();
    }

    private static List<(string Verb, string Id, long Number)> ReadJournals(string[] journals) =>
    [
        .. journals.Where(File.Exists).SelectMany(File.ReadAllLines)
            .Select(line => line.Split(' '))
            .Where(words => words.Length == 3)
            .Select(words => (words[0], words[1], long.Parse(words[2], CultureInfo.InvariantCulture))),
    ];

    private static double At(List<double> sorted, int percent) => sorted.Count == 0 ? double.NaN : sorted[(int)Math.Ceiling(percent / 100d * sorted.Count) - 1];
}
