using System.Diagnostics;
using Npgsql;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>What a watch of a queue calls a change.</summary>
public sealed class PostgresWatchTests : PostgresTestBase
{
    [Fact]
    public void Commits_of_another_database_wake_nobody_but_every_two_seconds()
    {
        Cluster.Execute("CREATE DATABASE other");
        var store = Open();
        var told = 0;
        using var watch = store.Watch(() => Interlocked.Increment(ref told));
        using var other = (Cluster.Superuser with { Database = "other", Schema = null }).Connect();
        Execute(other, "CREATE TABLE written (number int)");

        // The listener looks four times a second.
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(7))
        {
            Execute(other, "INSERT INTO written VALUES (1)");
        }

        // At the beginning it cannot know for a second; afterwards it tells at most every two.
        Assert.InRange(Volatile.Read(ref told), 0, 6 + (int)(Stopwatch.GetElapsedTime(started).TotalSeconds / 2));
    }

    [Fact]
    public void A_change_that_leaves_nothing_in_the_log_is_told_of_all_the_same()
    {
        var store = Open();
        Enqueue(store, "a");
        using var told = new AutoResetEvent(false);
        using var watch = store.Watch(() => told.Set());
        using var owner = Queue.Connect();
        // Until what has just been added, and the beginning of the watch, are told no more.
        while (told.WaitOne(TimeSpan.FromSeconds(1.5)))
        {
        }

        Execute(owner, "UPDATE task SET priority = 1 WHERE id = 'a'");

        Assert.True(told.WaitOne(HangGuard.Longest));
    }

    private static void Execute(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
