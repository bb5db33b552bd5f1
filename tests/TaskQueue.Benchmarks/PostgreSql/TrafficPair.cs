using System.Diagnostics;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>
/// The same work done call by call in turn on two queues: tasks are added, claimed and completed, some of them after a delay.
/// </summary>
internal sealed class TrafficPair : IDisposable
{
    /// <summary>The kinds of calls whose time is measured.</summary>
    public static readonly string[] Kinds = [Batch, Single, Behind, Newcomer, Nothing, Complete];

    private const string Batch = "claim 50";
    private const string Single = "claim 1";
    private const string Behind = "claim 1 by who claims seldom";
    private const string Newcomer = "first claim of a process";
    private const string Nothing = "claim that finds nothing";
    private const string Complete = "complete 50";

    // Some 1,200 tasks a second in each of the queues: 100 million a day.
    private const int CycleTasks = 500;
    private const int DelayedTasks = 25;
    private const int Singles = 20;
    private const int BatchSize = 50;
    private static readonly TimeSpan CycleTime = TimeSpan.FromMilliseconds(500 * 1000.0 / 1157);
    private static readonly TimeSpan NewcomerPeriod = TimeSpan.FromSeconds(2);

    private readonly Traffic[] _queues;

    public TrafficPair(PostgresLocation filled, PostgresLocation empty, Durability durability) =>
        _queues = [new(filled, durability), new(empty, durability)];

    /// <summary>How many went through each queue.</summary>
    public long Tasks { get; private set; }

    public Dictionary<string, (Spread Filled, Spread Empty)> RunFor(TimeSpan time)
    {
        var times = Kinds.ToDictionary(kind => kind, _ => (Filled: new Spread(), Empty: new Spread()));
        var started = Stopwatch.GetTimestamp();
        var newcomerAt = started;
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            var cycle = Stopwatch.GetTimestamp();
            Both(queue => queue.Enqueue(CycleTasks - DelayedTasks, delay: null));
            Both(queue => queue.Enqueue(DelayedTasks, TimeSpan.FromSeconds(1)));
            Measure(Behind, queue => queue.Behind, 1);
            if (Stopwatch.GetElapsedTime(newcomerAt) >= NewcomerPeriod)
            {
                newcomerAt = Stopwatch.GetTimestamp();
                Both(queue => queue.OpenNewcomer());
                Measure(Newcomer, queue => queue.Newcomer!, 1);
            }

            for (var single = 0; single < Singles; single++)
            {
                Measure(Single, queue => queue.Store, 1);
            }

            while (_queues.Any(queue => queue.Ready >= BatchSize))
            {
                Measure(Batch, queue => queue.Store, BatchSize);
            }

            // The rest, for which nothing is written down; then the one that finds nothing.
            Both(queue => queue.Drain());
            Measure(Nothing, queue => queue.Store, 1);
            Tasks += CycleTasks;
            var rest = CycleTime - Stopwatch.GetElapsedTime(cycle);
            Thread.Sleep(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        }

        return times;

        void Measure(string kind, Func<Traffic, ITaskStore> store, int count)
        {
            // Each time the other one is first.
            var isSwapped = Random.Shared.Next(2) == 0;
            foreach (var index in isSwapped ? new[] { 1, 0 } : [0, 1])
            {
                var queue = _queues[index];
                var claimed = Of(kind, index).Time(() => store(queue).Claim(SampleTask.ClaimOf(count), CancellationToken.None));
                queue.Ready -= claimed.Count;
                if (claimed.Count == 0)
                {
                    continue;
                }

                if (claimed.Count == BatchSize)
                {
                    Of(Complete, index).Time(
                        () => queue.Store.Change(SampleTask.CompletionOf(claimed), SampleTask.Work, CancellationToken.None));
                }
                else
                {
                    queue.Store.Change(SampleTask.CompletionOf(claimed), SampleTask.Work, CancellationToken.None);
                }
            }
        }

        Spread Of(string kind, int index) => index == 0 ? times[kind].Filled : times[kind].Empty;
    }

    public void Dispose() => Both(queue => queue.Dispose());

    private void Both(Action<Traffic> action) => Array.ForEach(_queues, action);

    /// <summary>One of the queues, as three processes see it: each store has a memory of its own of what it has claimed.</summary>
    private sealed class Traffic(PostgresLocation location, Durability durability) : IDisposable
    {
        public ITaskStore Store { get; } = BenchmarkServer.Open(location, durability);

        public ITaskStore Behind { get; } = BenchmarkServer.Open(location, durability);

        public ITaskStore? Newcomer { get; private set; }

        /// <summary>At least so many can be claimed.</summary>
        public int Ready { get; set; }

        public void Enqueue(int count, TimeSpan? delay)
        {
            Store.Enqueue(
                [.. Enumerable.Range(0, count).Select(
                    _ => new NewTask { Type = SampleTask.Type, DataJson = SampleTask.Data, Delay = delay })], CancellationToken.None);
            Ready += delay is null ? count : 0;
        }

        public void OpenNewcomer()
        {
            Newcomer?.Dispose();
            Newcomer = BenchmarkServer.Open(location, durability);
        }

        public void Drain()
        {
            while (Store.Claim(SampleTask.ClaimOf(BatchSize), CancellationToken.None) is { Count: > 0 } claimed)
            {
                Store.Change(SampleTask.CompletionOf(claimed), SampleTask.Work, CancellationToken.None);
            }

            Ready = 0;
        }

        public void Dispose()
        {
            Newcomer?.Dispose();
            Behind.Dispose();
            Store.Dispose();
        }
    }
}
