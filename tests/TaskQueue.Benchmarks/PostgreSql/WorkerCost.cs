using System.Diagnostics;
using TaskQueue.TestPostgres;

namespace TaskQueue.Benchmarks.PostgreSql;

/// <summary>
/// What worker processes cost the server: connections, statements while idle, statements and log a task, and growth of the table.
/// </summary>
internal static class WorkerCost
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(20);

    public static void Run(Bench bench)
    {
        var server = bench.Server;
        foreach (var count in (int[])[1, 4, 8])
        {
            Idle(server, count);
        }

        Busy(server, concurrency: 1, tasks: 5_000);
        Busy(server, concurrency: 20, tasks: 20_000);
        PerTask(server);
    }

    private static void Idle(BenchmarkServer server, int count)
    {
        var queue = server.NewQueue();
        var workers = Start(queue, count, concurrency: 4);
        try
        {
            Thread.Sleep(TimeSpan.FromSeconds(5));
            WriteLine(
                $"{count} idle workers, nobody writes: {Statements(server, () => Thread.Sleep(Look))}, connections {Connections(server)}");
            using var store = BenchmarkServer.Open(queue);
            var noticed = Statements(server, () =>
            {
                var started = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(started) < Look)
                {
                    store.Enqueue([new NewTask { Type = "nobody runs this", DataJson = SampleTask.Data }], CancellationToken.None);
                    Thread.Sleep(50);
                }
            });
            WriteLine($"{count} idle workers, another process adds 20 tasks a second of a type they do not run: {noticed}");
        }
        finally
        {
            End(workers);
        }
    }

    private static void Busy(BenchmarkServer server, int concurrency, int tasks)
    {
        var queue = server.NewQueue();
        Filling.AddReady(server, queue, tasks);
        server.Execute(queue, "VACUUM (ANALYZE) task");
        var most = 0L;
        var started = Stopwatch.GetTimestamp();
        var workers = Start(queue, 1, concurrency);
        var statements = Statements(server, () =>
        {
            started = Stopwatch.GetTimestamp();
            while (server.Value<long>($"SELECT count(*) FROM {queue.Schema}.task WHERE status IN ('pending', 'running')") > 0)
            {
                most = Math.Max(most, Connections(server));
                Thread.Sleep(100);
            }
        });
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        End(workers);
        WriteLine(
            $"1 worker with {concurrency} slots, {tasks:N0} tasks that do nothing: {tasks / seconds:N0} a second, most "
                + $"connections {most}, {statements}");
    }

    /// <summary>The log written for each task, and what it takes on the disk.</summary>
    private static void PerTask(BenchmarkServer server)
    {
        const int Tasks = 50_000;
        foreach (var batch in (int[])[1, 50, 500])
        {
            var queue = server.NewQueue();
            using var product = new ProductSide(queue);
            server.Execute("CHECKPOINT");
            var count = batch == 1 ? Tasks / 10 : Tasks;
            var start = Wal(server);
            for (var added = 0; added < count; added += batch)
            {
                product.Enqueue([.. Enumerable.Range(0, batch).Select(_ => SampleTask.New())]);
            }

            var enqueued = Wal(server);
            while (product.ClaimAndComplete(batch) > 0)
            {
                // Until it is empty.
            }

            var done = Wal(server);
            var size = server.Value<long>($"SELECT pg_table_size('{queue.Schema}.task')");
            var indexes = server.Value<long>($"SELECT pg_indexes_size('{queue.Schema}.task')");
            WriteLine(
                $"{batch} a transaction, {count:N0} tasks: log {(enqueued - start) / count:N0} bytes to add a "
                    + $"task, {(done - enqueued) / count:N0} to claim and complete it; "
                    + $"table {size / count:N0} and indexes {indexes / count:N0} bytes a task without vacuum");
        }
    }

    private static List<Process> Start(PostgresLocation queue, int count, int concurrency)
    {
        var workers = Enumerable.Range(0, count).Select(_ => ChildWork.Start("work", queue.ToString(), $"{concurrency}")).ToList();
        workers.ForEach(worker => worker.StandardOutput.ReadLine());
        return workers;
    }

    private static void End(List<Process> workers)
    {
        workers.ForEach(worker => worker.StandardInput.Close());
        workers.ForEach(worker => worker.WaitForExit());
        workers.ForEach(worker => worker.Dispose());
    }

    private static decimal Wal(BenchmarkServer server) => server.Value<decimal>("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn");

    private static long Connections(BenchmarkServer server) =>
        server.Value<long>("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'TaskQueue'");

    /// <summary>What the workers sent meanwhile, and what it cost the server.</summary>
    private static string Statements(BenchmarkServer server, Action work)
    {
        server.Execute("SELECT pg_stat_statements_reset()");
        var started = Stopwatch.GetTimestamp();
        work();
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var (calls, time, commits) = server.Rows(
            $"""
            SELECT sum(calls)::double precision, sum(total_exec_time)::double precision, (sum(calls) FILTER (WHERE query = 'COMMIT'))::double precision
            FROM pg_stat_statements WHERE userid = '{server.Owner}'::regrole
            """,
            row => (row.GetDouble(0), row.GetDouble(1), row.IsDBNull(2) ? 0 : row.GetDouble(2)))[0];
        return $"{calls / seconds:N1} statements a second, of them {commits / seconds:N1} commits; {time / seconds / 10:0.00} % of a core "
            + "in executing them";
    }
}
