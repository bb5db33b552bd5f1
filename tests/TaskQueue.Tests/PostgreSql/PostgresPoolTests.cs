using Npgsql;
using TaskQueue.Storage;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>Which connections a process shares, and how they are set.</summary>
public sealed class PostgresPoolTests : PostgresTestBase
{
    [Fact]
    public void A_location_that_only_names_the_queue_is_opened_as_the_one_before_but_with_its_own_options()
    {
        using var known = new Rented(
            With("Application Name=of the first"), new StoreOptions { Durability = Durability.Normal, Timeout = TimeSpan.FromSeconds(2) });
        using var alike = new Rented(Name, new StoreOptions { Durability = Durability.Normal, Timeout = TimeSpan.FromSeconds(2) });
        using var other = new Rented(Name, new StoreOptions { Timeout = TimeSpan.FromSeconds(60) });
        using var own = new Rented(Name + "&application_name=own", new StoreOptions { Timeout = TimeSpan.FromSeconds(60) });

        Assert.Same(known.Server, alike.Server);
        Assert.Equal(
            ("of the first", "off", "2s"),
            (alike.Show("application_name"), alike.Show("synchronous_commit"), alike.Show("statement_timeout")));
        Assert.NotSame(known.Server, other.Server);
        Assert.Equal(
            ("of the first", "on", "1min"),
            (other.Show("application_name"), other.Show("synchronous_commit"), other.Show("statement_timeout")));
        Assert.Equal("own", own.Show("application_name"));
    }

    [Fact]
    public void Two_queues_in_one_database_have_their_own()
    {
        var beside = Cluster.NewQueue();
        var (first, second) = (Open(), Open(location: beside));
        var one = new StoreOptions();
        using var ofFirst = new Rented(Queue.ToString(), one);
        using var ofSecond = new Rented(beside.ToString(), one);
        Assert.NotSame(ofFirst.Server, ofSecond.Server);

        using var told = new ManualResetEventSlim();
        using var watch = second.Watch(told.Set);
        // A watch begins with a look.
        Thread.Sleep(500);
        told.Reset();
        Enqueue(second, "a");
        Assert.True(told.Wait(HangGuard.Longest, Cancel));
        using var connection = beside.Connect();
        using var command = new NpgsqlCommand("SELECT count(*) FROM receipt", connection);
        Assert.True((long)command.ExecuteScalar()! > 0);
        Assert.Empty(first.Read(new TaskQuery(), Cancel));
    }

    [Fact]
    public void An_acknowledged_task_is_on_the_disk_whatever_the_role_says()
    {
        var store = Open();
        using (var connection = Queue.Connect())
        {
            using var command = new NpgsqlCommand("ALTER ROLE CURRENT_USER SET synchronous_commit = off", connection);
            command.ExecuteNonQuery();
        }

        store.Dispose();
        var full = (SqlTaskStore)Open();
        var normal = (SqlTaskStore)Open(Writing with { Durability = Durability.Normal });

        Assert.Equal("on", full.WriteWith(session => session.Text("SHOW synchronous_commit"), Cancel));
        Assert.Equal("off", normal.WriteWith(session => session.Text("SHOW synchronous_commit"), Cancel));
    }

    [Fact]
    public void Limits_of_the_role_do_not_end_what_may_take_long()
    {
        var store = (SqlTaskStore)Open();
        Enqueue(store, "a");
        store.Dispose();
        string[] limits = ["statement_timeout", "idle_in_transaction_session_timeout", "transaction_timeout"];
        foreach (var limit in limits)
        {
            // Version 17 and later have the last one.
            Cluster.Execute($"DO $$ BEGIN ALTER ROLE {Queue.User} SET {limit} = '60s'; EXCEPTION WHEN undefined_object THEN NULL; END $$");
        }

        store = (SqlTaskStore)Open();
        Assert.All(
            store.WriteWith(
                session =>
                {
                    session.LiftTimeLimit();
                    ((PostgresSession)session).LetStayOpen();
                    return limits.Select(limit => session.Text("SELECT current_setting($limit, true)", ("$limit", limit))).ToList();
                },
                Cancel),
            limit => Assert.True(limit is null or "0", limit));
        Assert.Equal("10s", store.ReadWith(session => session.Text("SHOW statement_timeout"), Cancel));
    }

    [Fact]
    public void The_encoding_of_a_client_never_changes_what_is_stored()
    {
        using (var store = TaskStores.Open(With("Client Encoding=LATIN1"), Writing))
        {
            Enqueue(store, "ä☃😀");
        }

        Assert.NotNull(Open().Find("ä☃😀", Cancel));
    }

    [Fact]
    public void A_pool_that_is_too_small_is_refused()
    {
        var error = Assert.Throws<QueueUnavailableException>(() => TaskStores.Open(With("Maximum Pool Size=1"), Writing));

        Assert.Contains("Maximum Pool Size", error.Message, StringComparison.Ordinal);
        Assert.Contains("2 or more", error.Advice?.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Watches_in_quick_succession_share_a_connection()
    {
        using var server = new Rented(With("Application Name=watches"), new StoreOptions());
        for (var round = 0; round < 20; round++)
        {
            using var told = new ManualResetEventSlim();
            using var watch = server.Server.Watch.Add(told.Set);
            using var announce = server.Server.Source.CreateCommand("SELECT pg_current_xact_id()");
            announce.ExecuteNonQuery();
            Assert.True(told.Wait(HangGuard.Longest, Cancel));
        }

        using var connection = Queue.Connect();
        using var command = new NpgsqlCommand("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'watches'", connection);
        // The listener's, and the one that announces. Where the machine is busy, a listener may have ended before the next watch came:
        // never one for each.
        Assert.InRange((long)command.ExecuteScalar()!, 2, 4);
    }

    private string Name => ServerLocation.Parse(Queue.ToString()).Queue;

    private string With(string setting) => $"{Queue.ConnectionString};{setting}";

    private sealed class Rented : IDisposable
    {
        public Rented(string location, StoreOptions options)
        {
            Server = PostgresServer.Rent(ServerLocation.Parse(location), options);
            using var connection = Server.OpenConnection(Cancel);
            Server.Learn(connection);
        }

        public PostgresServer Server { get; }

        public string Show(string setting)
        {
            using var session = Server.OpenSession(time: null, Cancel);
            return session.Text($"SHOW {setting}")!;
        }

        public void Dispose() => Server.Return();
    }
}
