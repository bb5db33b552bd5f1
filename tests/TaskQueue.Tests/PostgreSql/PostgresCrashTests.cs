using TaskQueue.Storage;
using TaskQueue.TestPostgres;
using Xunit;

namespace TaskQueue.Tests.PostgreSql;

/// <summary>A server that fails just when a change is to be committed.</summary>
// The log is written by commits alone, so that a crash really takes with it what was not committed.
public sealed class PostgresCrashTests() : PostgresTestBase(new() { Settings = ["wal_writer_delay = 10s"] })
{
    [Fact]
    public async Task A_change_that_a_crash_took_away_is_not_taken_for_anothers_that_was_given_its_number()
    {
        using var proxy = new LossyProxy(Queue);
        Open().Dispose();
        // A busy machine takes its time to start a server again.
        // Nothing is prepared: how many answers that takes depends on which connection of the pool a call gets.
        var location = $"{proxy.Location.ConnectionString};SSL Mode=Disable;GSS Encryption Mode=Disable;Max Auto Prepare=0";
        var store = Own(TaskStores.Open(location, Writing with { Timeout = TimeSpan.FromMinutes(2) }));
        Enqueue(store, "task");
        for (var answers = 1; answers < 10; answers++)
        {
            // Until the news of the last round were told: what is said from here on belongs to this change, and last comes its commit.
            Thread.Sleep(500);
            var crash = proxy.LoseRequest(answers, CrashAndGoOn);
            Assert.Equal(TaskOutcomeKind.Applied, Change(store, new SetTask("task") { Priority = answers }).Kind);
            Assert.Equal(answers, store.Find("task", Cancel)!.Priority);
            if (crash.Status == TaskStatus.Created)
            {
                Assert.True(answers > 2, "The commit was not lost.");
                return;
            }

            await crash;
        }

        Assert.Fail("A call takes more answers than that.");
    }

    /// <summary>
    /// The numbers of transactions that left no trace are given again: https://www.postgresql.org/docs/current/transaction-id.html
    /// </summary>
    private void CrashAndGoOn()
    {
        Cluster.Restart(StopMode.Crash);
        using var connection = Cluster.Superuser.Connect();
        for (var number = 0; number < 20; number++)
        {
            using var command = new Npgsql.NpgsqlCommand("SELECT pg_current_xact_id()", connection);
            command.ExecuteScalar();
        }
    }
}
