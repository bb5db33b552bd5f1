using System.Collections.Concurrent;
using System.Diagnostics;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>What happens to a server while a queue on it is in use.</summary>
public sealed class PostgresFaultTests(ITestOutputHelper output) : PostgresTestBase(new() { Settings = ["max_connections = 60"] })
{
    private static readonly WorkerOptions Options = new()
    {
        Concurrency = 4, LeaseTime = TimeSpan.FromSeconds(5), GracePeriod = TimeSpan.FromSeconds(20),
    };

    [Theory]
    [InlineData(StopMode.Fast)]
    [InlineData(StopMode.Crash)]
    public void A_worker_goes_on_after_the_server_was_restarted(StopMode mode)
    {
        var store = Open();
        using var running = new CountdownEvent(2);
        using var go = new ManualResetEventSlim();
        var worker = Start(store, Options, ("work", _ =>
        {
            if (!running.IsSet)
            {
                running.Signal();
                go.Wait(Cancel);
            }

            return HandlerOutcome.Success();
        }));
        Enqueue(store, "a", "b");
        Assert.True(running.Wait(HangGuard.Longest, Cancel));

        Cluster.Restart(mode);
        go.Set();
        Enqueue(store, "c");

        Assert.Equal(["a", "b", "c"], Enumerable.Range(0, 3).Select(_ => worker.NextFinished().Id).Order());
        Assert.All(store.Read(new TaskQuery(), Cancel), task => Assert.Equal((QueueTaskStatus.Success, 1), (task.Status, task.Attempt)));
    }

    [Fact]
    public void A_worker_outlasts_a_server_that_is_away_for_longer_than_a_call_waits()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(1) });
        using var running = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var worker = Start(store, Options, ("work", _ =>
        {
            running.Set();
            go.Wait(Cancel);
            return HandlerOutcome.Success();
        }));
        Enqueue(store, "a");
        Assert.True(running.Wait(HangGuard.Longest, Cancel));

        Cluster.Stop();
        go.Set();
        Eventually(
            () => worker.Warnings.Any(warning => warning.StartsWith("Outcomes wait", StringComparison.Ordinal)),
            "the outcome waits for the server");
        Assert.Throws<QueueUnavailableException>(() => store.Find("a", Cancel));
        Cluster.Start();

        Assert.Equal("a", worker.NextFinished().Id);
        Assert.Equal((QueueTaskStatus.Success, 1), (store.Find("a", Cancel)!.Status, store.Find("a", Cancel)!.Attempt));
        Enqueue(store, "b");
        Assert.Equal("b", worker.NextFinished().Id);
    }

    [Fact]
    public void Connections_that_were_cut_are_opened_again_without_a_word()
    {
        var store = Open();
        var worker = Start(store, Options, ("work", Workers.WorkerRun.Succeed));
        for (var round = 0; round < 5; round++)
        {
            Cluster.TerminateBackends();
            Enqueue(store, $"task-{round}");
            Assert.Equal($"task-{round}", worker.NextFinished().Id);
        }
    }

    [Fact]
    public void A_failover_every_second_loses_nothing_and_doubles_nothing()
    {
        var store = Open();
        var ran = new ConcurrentQueue<(string Id, int Attempt)>();
        var workers = Enumerable.Range(0, 2).Select(_ => Start(Open(), Options with { Prefetch = 8 }, ("work", execution =>
        {
            ran.Enqueue((execution.Task.Id, execution.Task.Attempt));
            Thread.Sleep(2);
            return HandlerOutcome.Success();
        }))).ToList();
        var added = new ConcurrentQueue<string>();
        var clock = Stopwatch.StartNew();
        var duration = TestScale.Scaled(TimeSpan.FromSeconds(10));
        var failovers = 0;
        using (OnThreads(2, Add))
        {
            for (; clock.Elapsed < duration; failovers++)
            {
                Thread.Sleep(1000);
                Cluster.TerminateBackends();
            }
        }

        Eventually(() => store.CountByStatus(Cancel).GetValueOrDefault("success") == added.Count, "all tasks are done");
        workers.ForEach(worker => worker.Drain());
        workers.ForEach(worker => worker.Await());

        output.WriteLine(
            $"{added.Count} tasks, {failovers} failovers, {clock.Elapsed.TotalSeconds:0.0} s; done by "
                + $"each: {string.Join(", ", workers.Select(worker => worker.Counts.Done))}");
        Assert.Equal(added.Order(), store.Read(new TaskQuery(), Cancel).Select(task => task.Id).Order());
        Assert.Equal(ran.Count, ran.Distinct().Count());
        // A claim whose answer was lost is found again by its tokens: no task had to be given back for it.
        Assert.All(ran, run => Assert.Equal(1, run.Attempt));
        Assert.Equal(added.Count, workers.Sum(worker => worker.Counts.Done));

        void Add(int adder)
        {
            for (var number = 0; clock.Elapsed < duration; number++)
            {
                Enqueue(store, $"{adder}-{number}");
                added.Enqueue($"{adder}-{number}");
                Thread.Sleep(5);
            }
        }
    }

    [Fact]
    public void More_threads_than_connections_wait_for_each_other()
    {
        Open();
        var store = Own(TaskStores.Open($"{Queue.ConnectionString};Maximum Pool Size=2", Writing));

        using (OnThreads(16, Use))
        {
            // More than there are connections.
        }

        Assert.Equal(160, store.CountByStatus(Cancel)["pending"]);

        void Use(int thread)
        {
            for (var number = 0; number < 10; number++)
            {
                Enqueue(store, $"{thread}-{number}");
                Assert.NotNull(store.Find($"{thread}-{number}", Cancel));
            }
        }
    }

    [Fact]
    public void A_pool_without_a_free_connection_is_a_clear_error()
    {
        Open();
        var store = Own(
            TaskStores.Open($"{Queue.ConnectionString};Maximum Pool Size=2", Writing with { Timeout = TimeSpan.FromSeconds(2) }));
        Enqueue(store, "a");

        // It takes a connection for as long as it lives, and the read that is under way another one.
        using (store.Watch(() => { }))
        {
            ((SqlTaskStore)store).ReadWith(
                session =>
                {
                    session.Number("SELECT 1");
                    var error = Assert.Throws<QueueUnavailableException>(() => store.Find("a", Cancel));
                    Assert.Contains("connections", error.Message, StringComparison.OrdinalIgnoreCase);
                    Assert.Contains("Maximum Pool Size", error.Advice?.ToString(), StringComparison.Ordinal);
                    return true;
                },
                Cancel);
        }

        Assert.NotNull(store.Find("a", Cancel));
    }

    [Fact]
    public void A_server_without_a_free_connection_is_a_clear_error_and_found_again_later()
    {
        Open().Dispose();
        using (Exhausted())
        {
            var error = Assert.Throws<QueueUnavailableException>(
                () => TaskStores.Open(Queue.ToString(), Reading with { Timeout = TimeSpan.FromSeconds(2) }));
            Assert.Contains("connection", error.Message, StringComparison.Ordinal);
        }

        Enqueue(Open(), "a");
    }

    [Fact]
    public void A_call_waits_for_a_server_that_has_no_free_connection_for_a_moment()
    {
        var store = Open();
        Enqueue(store, "a");
        // So that the store has to open another one.
        Cluster.TerminateBackends();
        var full = Exhausted();
        using (OnThreads(1, _ => { Thread.Sleep(1500); full.Dispose(); }))
        {
            Assert.NotNull(store.Find("a", Cancel));
        }
    }

    [Fact]
    public void A_transaction_that_comes_to_a_standstill_is_ended_by_the_server_and_changes_nothing()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(1) });
        Enqueue(store, "a", "b");

        Assert.Throws<QueueUnavailableException>(
            () => store.ReplaceAll(new TaskListing(Slow()), new ImportOptions(), Act("restore"), Cancel));

        Assert.Equal(["a", "b"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
        Enqueue(store, "c");

        static IEnumerable<QueueTask> Slow()
        {
            Thread.Sleep(3000);
            yield return TestTask.In(QueueTaskStatus.Success);
        }
    }

    [Fact]
    public void A_host_that_falls_silent_in_a_transaction_does_not_keep_its_tasks_locked()
    {
        var store = Open();
        Enqueue(store, "a");
        using var proxy = new LossyProxy(Queue);
        var silent = Open(Writing with { Timeout = TimeSpan.FromSeconds(1) }, proxy.Location);
        Assert.NotNull(silent.Find("a", Cancel));
        // The task's row is locked by then, and the commit never comes.
        proxy.FallSilent(1);
        using (OnThreads(1, _ => Assert.Throws<QueueUnavailableException>(() => Change(silent, new SetTask("a") { Priority = 2 }))))
        {
            Eventually(() => proxy.HasLost, "the host falls silent");
            Eventually(
                () => "idle in transaction".Equals(
                    Scalar(
                        "SELECT state FROM pg_stat_activity WHERE pid IN (SELECT pid FROM pg_locks WHERE relation = 'task'::regclass "
                            + "AND mode = 'RowShareLock')")), "the transaction stands still");

            Assert.Equal(TaskOutcomeKind.Applied, Change(store, new SetTask("a") { Priority = 3 }).Kind);
        }
    }

    [Fact]
    public void A_server_that_became_read_only_is_read_and_says_so_to_writers()
    {
        var store = Open();
        Enqueue(store, "a");
        // As after a failover to a standby.
        Cluster.Execute($"ALTER ROLE {Queue.User} SET default_transaction_read_only = on");
        Cluster.TerminateBackends();

        Assert.NotNull(store.Find("a", Cancel));
        Assert.Equal(1, store.CountByStatus(Cancel)["pending"]);
        PostgresPermissionTests.AssertNoWriting(store, "read-only");
        Assert.Throws<QueueUnavailableException>(() => TaskStores.Open(Cluster.NewQueueLocation(), Writing));

        Cluster.Execute($"ALTER ROLE {Queue.User} RESET default_transaction_read_only");
        Cluster.TerminateBackends();
        Enqueue(store, "b");
    }

    private object? Scalar(string sql)
    {
        using var connection = (Cluster.Superuser with { Schema = Queue.Schema }).Connect();
        using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }

    /// <summary>All connections that the server has for ordinary users.</summary>
    private Connections Exhausted()
    {
        var connections = new Connections();
        try
        {
            while (true)
            {
                connections.Add(Cluster.Owner.Connect());
            }
        }
        catch (Npgsql.PostgresException error) when (error.SqlState == Npgsql.PostgresErrorCodes.TooManyConnections)
        {
            return connections;
        }
    }

    private sealed class Connections : List<Npgsql.NpgsqlConnection>, IDisposable
    {
        public void Dispose() => ForEach(connection => connection.Dispose());
    }
}
