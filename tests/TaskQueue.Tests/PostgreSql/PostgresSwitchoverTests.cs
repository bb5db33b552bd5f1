using Npgsql;
using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using TaskQueue.Tests.Workers;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A primary that becomes a standby, and goes on answering whoever asks it, while another one takes its place.</summary>
public sealed class PostgresSwitchoverTests : PostgresTestBase
{
    private const string Users = "pg_stat_activity WHERE application_name = 'TaskQueue'";

    private readonly PostgresCluster _other;

    public PostgresSwitchoverTests() => _other = Own(Cluster.StartStandby("s1"));

    private PostgresLocation Both => Queue with { Host = $"{Queue.Host}:{Queue.Port},{Queue.Host}:{_other.Owner.Port}", Port = 0 };

    [Fact]
    public void A_worker_and_a_reader_leave_a_demoted_server_once_the_name_leads_to_another()
    {
        using var name = new LossyProxy(Queue);
        var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(5) }, name.Location);
        Enqueue(store, "before");
        var worker = Start(store, new WorkerOptions { Concurrency = 2 }, ("work", WorkerRun.Succeed));
        Eventually(() => store.Find("before", Cancel)!.Status is QueueTaskStatus.Success, "the worker runs");
        using var reader = TaskStores.Open($"{name.Location}&application_name=reader", Reading);
        Assert.NotNull(reader.Find("before", Cancel));
        using var watch = reader.Watch(() => { });

        SwitchOver();
        // All find the demoted server, and stay with it for as long as the name leads there.
        Eventually(() => Count(Cluster, Users) > 0 && reader.Find("before", Cancel) is not null, "the demoted server is in use");
        name.MoveTo(Queue with { Port = _other.Owner.Port });

        using var direct = TaskStores.Open(
            Queue.ToString().Replace($":{Queue.Port}", $":{_other.Owner.Port}", StringComparison.Ordinal), Writing);
        // The reader sees only what its own server has: the demoted one is to hear no more.
        Cluster.Execute("SELECT pg_wal_replay_pause()");
        Enqueue(direct, "after");
        Eventually(() => direct.Find("after", Cancel)!.Status is QueueTaskStatus.Success, "the worker works on the new primary");
        Eventually(() => reader.Find("after", Cancel) is not null, "the reader reads from the new primary");
        Eventually(
            () => Count(Cluster, Users) + Count(Cluster, "pg_stat_activity WHERE application_name = 'reader'") == 0,
            "nobody is left on the demoted server");
        worker.Drain();
    }

    [Fact]
    public void One_server_is_asked_for_its_kind_as_several_are()
    {
        Enqueue(Open(location: Queue with { Settings = ["target_session_attrs=primary"] }), "a");
        AwaitStandby();

        var standby = Queue with { Port = _other.Owner.Port };
        Assert.NotNull(Open(Reading, standby with { Settings = ["target_session_attrs=standby"] }).Find("a", Cancel));
        Assert.Throws<QueueUnavailableException>(
            () => Open(
                Reading with { Timeout = TimeSpan.FromSeconds(1) }, standby with { Settings = ["target_session_attrs=read-write"] }));
    }

    [Fact]
    public void A_list_of_servers_is_followed_to_the_one_that_takes_writes()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromSeconds(20) }, Both);
        Assert.Equal(
            $"postgresql://{Queue.User}@{Queue.Host}:{Queue.Port},{Queue.Host}:{_other.Owner.Port}/{Queue.Database}?schema={Queue.Schema}",
            store.Info.Queue);
        var worker = Start(store, new WorkerOptions { Concurrency = 2 }, ("work", WorkerRun.Succeed));
        Enqueue(store, "before");
        Assert.Equal("before", worker.NextFinished().Id);

        SwitchOver();

        Enqueue(store, "after");
        Assert.Equal("after", worker.NextFinished().Id);
        Eventually(() => Count(Cluster, Users) == 0, "nobody is left on the demoted server");
        // A task carries the name of its queue, which is enough to find it.
        using var byName = TaskStores.Open(store.Info.Queue, Reading);
        Assert.NotNull(byName.Find("after", Cancel));
    }

    [Fact]
    public void A_primary_that_crashes_is_followed_to_the_standby_that_takes_over()
    {
        var store = Open(Writing with { Timeout = TimeSpan.FromMinutes(1) }, Both);
        Enqueue(store, "before");
        Eventually(() => Count(Cluster, "pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()") == 1, "the standby has the task");

        Cluster.Stop(StopMode.Crash);
        using (OnThreads(1, _ => Enqueue(store, "after")))
        {
            _other.Promote();
        }

        Assert.Equal(["before", "after"], store.Read(new TaskQuery(), Cancel).Select(task => task.Id));
    }

    [Fact]
    public void Who_opens_a_queue_while_none_of_its_servers_takes_writes_finds_the_first_that_does()
    {
        Enqueue(Open(), "a");
        Eventually(() => Count(Cluster, "pg_stat_replication WHERE replay_lsn = pg_current_wal_lsn()") == 1, "the standby has the task");
        Cluster.Stop();
        using (OnThreads(1, _ =>
        {
            // Within the time for which the driver would remember that the other one was a standby.
            using var store = TaskStores.Open(
                (Both with { Settings = ["Host%20Recheck%20Seconds=3600"] }).ToString(),
                Reading with { Timeout = TimeSpan.FromMinutes(2) });
            Assert.NotNull(store.Find("a", Cancel));
        }))
        {
            Eventually(() => Count(_other, Users) > 0, "the one who opens has met the standby");
            _other.Promote();
        }
    }

    [Fact]
    public void A_report_may_ask_for_a_standby_which_takes_no_writes()
    {
        Enqueue(Open(), "a");
        AwaitStandby();
        var report = TaskStores.Open((Both with { Settings = ["target_session_attrs=standby"] }).ToString(), Reading);
        using (report)
        {
            Eventually(() => report.Find("a", Cancel) is not null, "the standby has the task");
            Assert.True(Count(_other, Users) > 0);
            Assert.Contains(
                "cannot be written", Assert.Throws<QueueUnavailableException>(() => Enqueue(report, "b")).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_list_without_a_server_that_is_wanted_says_so()
    {
        var location = (Queue with { Host = $"{Queue.Host}:{_other.Owner.Port},{Queue.Host}:{_other.Owner.Port}", Port = 0 }).ToString();
        var error = Assert.Throws<QueueUnavailableException>(
            () => TaskStores.Open(location, Reading with { Timeout = TimeSpan.FromSeconds(1) }));

        Assert.Contains("kind that is wanted", error.Message, StringComparison.Ordinal);
        Assert.Contains("target_session_attrs", error.Advice?.ToString(), StringComparison.Ordinal);
    }

    private void SwitchOver()
    {
        Cluster.Stop();
        _other.Promote();
        Cluster.StartAsStandbyOf(_other, "s0");
    }

    /// <summary>Waits until the standby has what the primary has: it follows in its own time.</summary>
    private void AwaitStandby()
    {
        Eventually(
            () => Count(_other, $"pg_tables WHERE schemaname = '{Queue.Schema}' AND tablename = 'task'") == 1, "the standby has the queue");
        Eventually(() => Count(_other, $"{Queue.Schema}.task") == 1, "the standby has the task");
    }

    private static long Count(PostgresCluster server, string from)
    {
        using var connection = server.Superuser.Connect();
        using var command = new NpgsqlCommand($"SELECT count(*) FROM {from}", connection);
        return (long)command.ExecuteScalar()!;
    }
}
