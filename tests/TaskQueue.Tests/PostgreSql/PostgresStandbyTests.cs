using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A server whose commits wait for a standby, which comes and goes.</summary>
public sealed class PostgresStandbyTests : PostgresTestBase
{
    private readonly PostgresCluster _standby;

    public PostgresStandbyTests()
    {
        _standby = Own(Cluster.StartStandby("s1"));
        Cluster.Execute("ALTER SYSTEM SET synchronous_standby_names = 's1'");
        Cluster.Execute("SELECT pg_reload_conf()");
        Eventually(() => Count("pg_stat_replication WHERE sync_state = 'sync'") == 1, "the standby is in step");
    }

    private static StoreOptions Impatient { get; } = Writing with { Timeout = TimeSpan.FromSeconds(2) };

    [Fact]
    public void A_commit_that_no_standby_confirms_is_no_success_and_is_never_cancelled()
    {
        var store = Open(Impatient);
        Enqueue(store, "before");
        _standby.Stop();

        var error = Assert.Throws<OutcomeUnknownException>(() => Enqueue(store, "during"));

        Assert.Contains("not known", error.Message, StringComparison.Ordinal);
        Assert.Contains("synchronous_standby_names", error.Advice?.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Waiting());
        // A standby that takes over now has not got it, and nobody was told that it has.
        Assert.Equal(["before"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));

        // No other is begun, each of which would keep a connection of the server.
        Assert.Contains(
            "Nothing was written", Assert.Throws<QueueUnavailableException>(() => Enqueue(store, "next")).Message,
            StringComparison.Ordinal);
        Assert.Equal(1, Waiting());

        _standby.Start();
        Eventually(() => Adds(store, "after"), "the queue takes changes again");
        Assert.Equal(["before", "during", "after"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
        Assert.Equal(TaskOutcomeKind.Duplicate, Assert.Single(store.Enqueue([NewTask("during")], Cancel)).Kind);
    }

    [Theory]
    [InlineData("pg_cancel_backend")]
    [InlineData("pg_terminate_backend")]
    public void A_wait_that_an_administrator_ends_confirms_nothing(string end)
    {
        // What the role does not want to hear, we must.
        Cluster.Execute($"ALTER ROLE {Queue.User} SET client_min_messages = error");
        var store = Open(Impatient);
        _standby.Stop();
        using (OnThreads(1, _ => Assert.Throws<OutcomeUnknownException>(() => Enqueue(store, "a"))))
        {
            Eventually(() => Waiting() == 1, "the commit waits for the standby");
            Cluster.Execute($"SELECT {end}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        }

        // It can be read now, on this server only: to be told of it is to be told that it is safe.
        using var other = TaskStores.Open(Queue.ToString() + "&application_name=other", Impatient);
        Assert.NotNull(other.Find("a", Cancel));
        Assert.Throws<OutcomeUnknownException>(() => other.Enqueue([NewTask("a")], Cancel));

        _standby.Start();
        Eventually(() => Adds(store, "b"), "the queue takes changes again");
        Assert.Equal(["a", "b"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
    }

    [Fact]
    public void Who_stops_waiting_for_a_commit_is_told_that_its_outcome_is_unknown()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromMinutes(30) });
        _standby.Stop();
        using var stop = new CancellationTokenSource();
        using (OnThreads(1, _ => Assert.Throws<OutcomeUnknownException>(() => store.Enqueue([NewTask("a")], stop.Token))))
        {
            Eventually(() => Waiting() == 1, "the commit waits for the standby");
            stop.Cancel();
        }

        Assert.Equal(1, Waiting());
        // Whoever comes next can stop waiting for it too, and has written nothing.
        using var next = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.ThrowsAny<OperationCanceledException>(() => store.Enqueue([NewTask("b")], next.Token));
        _standby.Start();
        Eventually(() => Adds(store, "c"), "the queue takes changes again");
        Assert.Equal(["a", "c"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
    }

    [Fact]
    public void A_worker_loses_no_completion_while_the_standby_is_away_and_leaves_the_server_its_connections()
    {
        var store = Open(Impatient);
        using var finish = new ManualResetEventSlim();
        Enqueue(store, [.. Enumerable.Range(0, 20).Select(number => $"a-{number}")]);
        var worker = Start(store, new WorkerOptions { Concurrency = 4 }, ("work", task =>
        {
            finish.Wait(HangGuard.Longest, Cancel);
            return WorkerRun.Succeed(task);
        }));
        Eventually(() => store.CountByStatus(Cancel).GetValueOrDefault("running") == 4, "four tasks run");

        _standby.Stop();
        finish.Set();
        Eventually(
            () => worker.Warnings.Any(warning => warning.Contains("not known", StringComparison.Ordinal)),
            "the worker says what it waits for");
        Eventually(
            () => worker.Warnings.Count(warning => warning.Contains("takes no change", StringComparison.Ordinal)) > 5,
            "the worker tries again and again");
        // One for each of its duties at the most.
        Assert.InRange(Waiting(), 1, 8);

        _standby.Start();
        Eventually(() => store.CountByStatus(Cancel).GetValueOrDefault("success") == 20, "all tasks are done");
        Assert.All(store.Read(new TaskQuery(), Cancel), task => Assert.Equal((1, 0), (task.Attempt, task.Recoveries)));
    }

    private static bool Adds(ITaskStore store, string id)
    {
        try
        {
            return store.Enqueue([NewTask(id)], Cancel) is [{ Kind: TaskOutcomeKind.Applied or TaskOutcomeKind.Duplicate }];
        }
        catch (QueueUnavailableException)
        {
            return false;
        }
    }

    private long Waiting() => Count("pg_stat_activity WHERE wait_event = 'SyncRep'");

    private long Count(string from)
    {
        using var connection = Cluster.Superuser.Connect();
        using var command = new NpgsqlCommand($"SELECT count(*) FROM {from}", connection);
        return (long)command.ExecuteScalar()!;
    }
}
