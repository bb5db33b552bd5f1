using System.Text.RegularExpressions;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>
/// How the server carries out the product's own statements on the large queue: what auto_explain wrote into its log while they ran.
/// </summary>
internal static partial class Plans
{
    private const int Stuck = 200;

    // After five times the server may go over to a plan that does not know the values.
    private const int Before = 8;

    public static void Run(Bench bench)
    {
        var server = bench.Server;
        var queue = server.Filled.Location;
        Filling.AddReady(server, queue, 2000);
        Filling.AddStuck(server, queue, Stuck);
        server.Execute(queue, "VACUUM (ANALYZE) task");
        server.Execute(
            $"""
            ALTER DATABASE {queue.Database} SET session_preload_libraries = 'auto_explain';
            ALTER DATABASE {queue.Database} SET auto_explain.log_min_duration = 0;
            ALTER DATABASE {queue.Database} SET auto_explain.log_analyze = on;
            ALTER DATABASE {queue.Database} SET auto_explain.log_buffers = on;
            ALTER DATABASE {queue.Database} SET auto_explain.log_parameter_max_length = 0
            """);
        using var store = BenchmarkServer.Open(queue);
        var log = new ServerLog(server);
        var id = store.Read(new TaskQuery { Limit = 1 }, CancellationToken.None).Single().Id;
        var none = CancellationToken.None;
        var operation = new NewOperation { Kind = "cleanup", Actor = Actor.Current("Benchmark") };
        IReadOnlyList<QueueTask> claimed = [];

        Show("claim of 1 task", () => claimed = store.Claim(SampleTask.ClaimOf(1), none));
        Show("completion of 1 task", () => store.Change(SampleTask.CompletionOf(claimed), operation, none));
        Show("claim of 50 tasks", () => claimed = store.Claim(SampleTask.ClaimOf(50), none));
        Show(
            "heartbeat of 50 tasks",
            () => store.Change(
                [.. claimed.Select(task => new HeartbeatTask(task.Id, task.ClaimToken!.Value, TimeSpan.FromMinutes(1)))], operation, none));
        Show("find by id", () => store.Find(id, none));
        Show(
            "find by status: 100 newest failed",
            () => Read(new TaskQuery { Statuses = [QueueTaskStatus.Failed], NewestFirst = true, Limit = 100 }));
        Show("find by status: 100 oldest failed", () => Read(new TaskQuery { Statuses = [QueueTaskStatus.Failed], Limit = 100 }));
        Show(
            "find by two statuses: 100 oldest waiting",
            () => Read(new TaskQuery { Statuses = [QueueTaskStatus.Pending, QueueTaskStatus.Retry], Limit = 100 }));
        Show("find: 100 newest of all", () => Read(new TaskQuery { NewestFirst = true, Limit = 100 }));
        Show("find by type: 100 oldest", () => Read(new TaskQuery { Types = ["type3"], Limit = 100 }));
        Show(
            "find failed of the last hour, newest first",
            () => Read(
                new TaskQuery { Statuses = [QueueTaskStatus.Failed], NewerThan = TimeSpan.FromHours(1), NewestFirst = true, Limit = 100 }));
        Show(
            "find failed of the last hour, oldest first",
            () => Read(new TaskQuery { Statuses = [QueueTaskStatus.Failed], NewerThan = TimeSpan.FromHours(1) }));
        Show("find a type there is none of", () => Read(new TaskQuery { Types = ["nowhere"] }));
        Show("when the next comes due", () => store.NextDue(none));
        Show("count by status", () => store.CountByStatus(none));
        var cleanup = new StuckTaskCleanup(store);
        Show("cleanup: the plan", () => cleanup.Plan(new StuckPolicy(), none));
        var plan = cleanup.Plan(new StuckPolicy(), none);
        Show("cleanup: stop 20 of the stuck tasks", () =>
        {
            var stuck = plan.Stuck.Take(Stuck / 10).ToList();
            plan = plan with { Stuck = [.. plan.Stuck.Skip(stuck.Count)] };
            return cleanup.Apply(plan with { Stuck = stuck }, stuck, backup: null, operation, none);
        });
        server.Execute($"ALTER DATABASE {queue.Database} RESET ALL");

        void Show(string what, Func<object?> work)
        {
            for (var time = 0; time < Before; time++)
            {
                work();
            }

            log.Skip();
            var elapsed = new Spread();
            elapsed.Time(work);
            var plans = log.Plans();
            WriteLine($"\n## {what}: {elapsed.Median:N1} ms");
            foreach (var group in plans.GroupBy(Shape))
            {
                WriteLine($"-- {(group.Count() > 1 ? $"{group.Count()} times, such as " : "")}{group.First()}");
            }
        }

        object Read(TaskQuery query) => store.Read(query with { IncludePayload = false }, none).Count();
    }

    /// <summary>A plan without its figures.</summary>
    private static string Shape(string plan) => Figures().Replace(plan, "");

    [GeneratedRegex(@"\d+(\.\d+)?|'[^']*'")]
    private static partial Regex Figures();
}
