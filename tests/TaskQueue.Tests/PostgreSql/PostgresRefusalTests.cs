using System.Diagnostics;
using System.Globalization;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>
/// Servers that refuse writes for a while and keep their connections: a standby that takes over, a setting, a missing right.
/// </summary>
public sealed class PostgresRefusalTests(ITestOutputHelper output) : PostgresTestBase
{
    private static readonly WorkerOptions Options = new()
    {
        Concurrency = 4,
        LeaseTime = TimeSpan.FromSeconds(5),
        GracePeriod = TimeSpan.FromSeconds(20),
    };

    /// <summary>
    /// What makes the server refuse writes for a while, and what lets it take them again, while its connections stay. {0} is the queue's
    /// schema and {1} its user.
    /// </summary>
    private static readonly (string Refuse, string Allow)[] Refusals =
    [
        ("ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()",
            "ALTER SYSTEM RESET default_transaction_read_only; SELECT pg_reload_conf()"),
        ("REVOKE UPDATE, INSERT, DELETE ON {0}.task FROM {1}", "GRANT UPDATE, INSERT, DELETE ON {0}.task TO {1}"),
        ("REVOKE SELECT ON {0}.task FROM {1}", "GRANT SELECT ON {0}.task TO {1}"),
        ("REVOKE ALL ON {0}.receipt FROM {1}", "GRANT ALL ON {0}.receipt TO {1}"),
        ("REVOKE USAGE ON SCHEMA {0} FROM {1}", "GRANT USAGE ON SCHEMA {0} TO {1}"),
        ("ALTER TABLE {0}.task RENAME TO away", "ALTER TABLE {0}.away RENAME TO task"),
    ];

    [Fact]
    public void A_session_whose_writes_were_refused_works_once_they_are_not()
    {
        foreach (var (refuse, allow) in Refusals)
        {
            output.WriteLine(refuse);
            var queue = Cluster.NewQueue();
            var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(1) }, queue);
            // Fewer and more calls than it takes until a statement is prepared: the refusal comes at its first, second and third run.
            for (var before = 0; before < 4; before++)
            {
                Enqueue(store, [.. Enumerable.Range(0, 20).Select(number => $"{before}-{number}")]);
                for (var call = 0; call < before; call++)
                {
                    UseAll(store, $"{before}-{call}");
                }

                ExecuteOn(queue, refuse);
                Eventually(() => IsRefused(() => Change(store, new CancelTask($"{before}-10"))), "writes are refused");
                for (var call = 0; call < 3; call++)
                {
                    Assert.True(IsRefused(() => Change(store, new CancelTask($"{before}-{11 + call}"))));
                    IsRefused(() => store.Claim(Request(), Cancel));
                    IsRefused(() => Enqueue(store, $"{before}-never-{call}"));
                }

                ExecuteOn(queue, allow);
                // A setting reaches each connection of the server in its own time.
                Eventually(() => !IsRefused(() => Change(store, new CancelTask($"{before}-15"))), "writes are taken again");
                for (var call = 16; call < 19; call++)
                {
                    UseAll(store, $"{before}-{call}");
                }
            }
        }
    }

    [Fact]
    public void A_worker_whose_writes_were_refused_goes_on_once_they_are_not()
    {
        // All but the last: a queue that is not there for 10 s ends its worker.
        foreach (var (refuse, allow) in Refusals.SkipLast(1))
        {
            output.WriteLine(refuse);
            var queue = Cluster.NewQueue();
            var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(1) }, queue);
            using var worker = new WorkerRun(store, Options, ("work", WorkerRun.Succeed));
            for (var round = 0; round < 3; round++)
            {
                Enqueue(store, $"{round}-before");
                Assert.Equal($"{round}-before", worker.NextFinished().Id);

                ExecuteOn(queue, refuse);
                // What it has said a moment ago it does not say again.
                Eventually(
                    () => IsRefused(() => store.Enqueue([NewTask($"{Guid.NewGuid()}", "other")], Cancel)) && !worker.Warnings.IsEmpty,
                    "the worker's writes are refused");
                ExecuteOn(queue, allow);

                Eventually(() => !IsRefused(() => store.Enqueue([NewTask($"{round}-after")], Cancel)), "tasks are taken again");
                Assert.Equal($"{round}-after", worker.NextFinished().Id);
            }
        }
    }

    [Fact]
    public void After_a_refused_write_no_connection_to_that_server_is_used_again()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(1) });
        Enqueue(store, "a");
        var backends = $"FROM pg_stat_activity WHERE usename = '{Queue.User}'";
        var before = (string)Scalar($"SELECT string_agg(pid::text, ',') {backends}")!;
        ExecuteOn(Queue, Refusals[0].Refuse);

        // As behind an address that leads to another server by now.
        Eventually(
            () => IsRefused(() => Change(store, new SetTask("a") { Priority = 2 }))
                && Scalar($"SELECT count(*) {backends} AND pid IN ({before})") is 0L,
            "all connections are left");

        ExecuteOn(Queue, Refusals[0].Allow);
    }

    [Fact]
    public void A_connection_that_is_out_of_step_counts_as_lost()
    {
        var store = Open();
        Enqueue(store, [.. Enumerable.Range(0, 10).Select(number => $"{number}")]);
        for (var number = 0; number < 5; number++)
        {
            Change(store, new CancelTask($"{number}"));
        }

        // What a pooler does to a connection that it gives to somebody else: nothing of what was prepared is there any more.
        ((SqlTaskStore)store).ReadWith(
            session =>
            {
                session.ExecuteScript("DEALLOCATE ALL");
                return true;
            },
            Cancel);

        for (var number = 5; number < 10; number++)
        {
            Assert.Equal(TaskOutcomeKind.Applied, Change(store, new CancelTask($"{number}")).Kind);
        }
    }

    /// <summary>Runs statements as the superuser, one by one: some settings are none of a transaction's.</summary>
    private void ExecuteOn(PostgresLocation queue, string sql)
    {
        foreach (var statement in string.Format(CultureInfo.InvariantCulture, sql, queue.Schema, queue.User).Split(';'))
        {
            Cluster.Execute(statement);
        }
    }

    /// <summary>True if the server refused it, which must be said in our words: whatever else is thrown fails the test.</summary>
    private static bool IsRefused(Action write)
    {
        try
        {
            write();
            return false;
        }
        catch (Exception error) when (error is QueueUnavailableException or QueueNotFoundException)
        {
            return true;
        }
    }

    /// <summary>One of each kind of call that a worker makes.</summary>
    private static void UseAll(ITaskStore store, string id)
    {
        Assert.Equal(TaskOutcomeKind.Applied, Patiently(() => Change(store, new SetTask(id) { Priority = 5 })).Kind);
        Assert.Equal(TaskOutcomeKind.Applied, Patiently(() => Change(store, new CancelTask(id))).Kind);
        Assert.Equal(TaskOutcomeKind.Applied, Patiently(() => store.Enqueue([NewTask($"{id}-claim", "claimable")], Cancel))[0].Kind);
        var task = Assert.Single(Patiently(() => store.Claim(Request(type: "claimable"), Cancel)));
        Assert.Equal(TaskOutcomeKind.Applied, Patiently(() => Change(store, new CompleteTask(task.Id, task.ClaimToken!.Value, null))).Kind);
        Assert.Equal(TaskOutcomeKind.Applied, Patiently(() => store.Enqueue([NewTask($"{id}-more")], Cancel))[0].Kind);
    }

    /// <summary>Repeats what a busy machine did not get done within the store's short time-out, which nothing was committed of.</summary>
    private static T Patiently<T>(Func<T> call)
    {
        for (var started = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return call();
            }
            catch (QueueUnavailableException) when (Stopwatch.GetElapsedTime(started) < HangGuard.Longest)
            {
                // The next one may be in time.
            }
        }
    }

    private object? Scalar(string sql)
    {
        using var connection = (Cluster.Superuser with { Schema = Queue.Schema }).Connect();
        using var command = new Npgsql.NpgsqlCommand(sql, connection);
        return command.ExecuteScalar();
    }
}
