using TaskQueue.Benchmarks.Http;
using TaskQueue.Benchmarks.Peers;
using TaskQueue.Benchmarks.PostgreSql;
using TaskQueue.Benchmarks.Shell;
using TaskQueue.Benchmarks.Sqlite;

namespace TaskQueue.Benchmarks;

/// <param name="Name">As it is asked for.</param>
/// <param name="About">What it measures.</param>
/// <param name="Run">Measures it.</param>
/// <param name="IsOnRequest">Takes long, or has no target: only run when it is named.</param>
internal sealed record Scenario(string Name, string About, Action<Bench> Run, bool IsOnRequest = false);

/// <summary>All that can be measured.</summary>
internal static class Scenarios
{
    public static readonly IReadOnlyList<Scenario> All =
    [
        new("enqueue", "adding tasks, many at once and one by one", Enqueue.Run),
        new("drain", "claiming and completing, by 1 and 4 processes", Drain.Run),
        new("read", "Get-QueueTask of 100,000 and 1,000,000 tasks", Reading.Run),
        new("stop", "Stop-QueueTask of 100,000 by pipeline", Stopping.Run),
        new("cleanup", "Invoke-StuckTaskCleanup of 100,000 among 1,000,000", Cleanup.Run),
        new("copy", "Copy-TaskQueue of 1,000,000", Copying.Run),
        new("handlers", "script blocks as handlers", Handlers.Run),
        new("import", "importing the module", ModuleImport.Run),
        new("claim-cost", "claims in a queue with a long past", ClaimCost.Run),
        new("growth", "what calls cost as the queue grows", Growth.Run),
        new("wakeup", "from enqueue in one process to the handler's start in another", Wakeup.OnSqlite),
        new("postgres-wakeup", "the same on PostgreSQL", Wakeup.OnPostgres),
        new("postgres-drain", "claiming and completing by one worker on PostgreSQL", PostgresDrain.Run),
        new("postgres-throughput", "enqueue, claim and complete on PostgreSQL, 1 and 8 connections", Throughput.Run),
        new("postgres-worker", "what idle and busy workers cost the server", WorkerCost.Run, IsOnRequest: true),
        new("postgres-finished", "claims behind a long past, and while an old snapshot is held", FinishedTasks.Run, IsOnRequest: true),
        new("postgres-plans", "plans of the statements on the large queue", Plans.Run, IsOnRequest: true),
        new("hot", "reading rows, durations and the JSON of task data, by BenchmarkDotNet", HotFunctions.Measure, IsOnRequest: true),
        new("http", "reads and cancels over HTTP while a worker drains", Load.Run, IsOnRequest: true),
    ];

    /// <summary>Other queues, which come from npm: only run when <c>--peers</c> asks for them.</summary>
    public static readonly Scenario Peers = new("peers", "other queues on the same disk and the same server", PeerDrain.Run);

    public static Scenario? Find(string name) => All.FirstOrDefault(scenario => scenario.Name == name);
}
